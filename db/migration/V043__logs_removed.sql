-- Logs whose bytes are still to go.
CREATE INDEX logs_removed ON logs (id) WHERE removed_at IS NOT NULL AND stored_bytes IS DISTINCT FROM 0;
