-- A stretch of a log's bytes, or of what was dropped of it (data is null).
CREATE TABLE log_chunks (
  log_id     bigint NOT NULL REFERENCES logs ON DELETE CASCADE,
  first_byte bigint NOT NULL,
  first_line bigint NOT NULL,                -- newlines before first_byte, plus 1
  bytes      bigint NOT NULL CHECK (bytes > 0),
  newlines   bigint NOT NULL,
  codec      text NOT NULL CHECK (codec IN ('plain', 'zstd', 'dropped')),
  data       bytea CHECK ((data IS NULL) = (codec = 'dropped')),
  PRIMARY KEY (log_id, first_byte)
);

CREATE INDEX log_chunks_lines ON log_chunks (log_id, first_line, first_byte);

-- Chunks are compressed by us already.
ALTER TABLE log_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
