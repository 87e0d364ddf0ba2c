-- The least recently used log, and the sum of all, without reading a row.
CREATE INDEX logs_by_use ON logs (used_at) INCLUDE (stored_bytes) WHERE stored_bytes > 0 AND removed_at IS NULL;
