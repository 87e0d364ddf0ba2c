-- One row per log. Appends are fenced and name the length they append to, so that no byte is stored twice.
CREATE TABLE logs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  fence        bigint NOT NULL DEFAULT 0,
  source_bytes bigint NOT NULL DEFAULT 0,    -- how far the runner's output is stored, before masking
  bytes        bigint NOT NULL DEFAULT 0,    -- length after masking, dropped stretches included
  newlines     bigint NOT NULL DEFAULT 0,
  open_line    boolean NOT NULL DEFAULT false, -- the last byte is no newline
  dropped      boolean NOT NULL DEFAULT false, -- a stretch in the middle was not kept
  closed_at    timestamptz,
  removed_at   timestamptz
);
