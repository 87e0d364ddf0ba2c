-- A closed log is packed into longer chunks, bit by bit; sealed_bytes says how far that is done.
ALTER TABLE logs ADD COLUMN sealed_bytes bigint NOT NULL DEFAULT 0, ADD COLUMN sealed_at timestamptz;

CREATE INDEX logs_unsealed ON logs (closed_at)
  WHERE closed_at IS NOT NULL AND sealed_at IS NULL AND removed_at IS NULL;
