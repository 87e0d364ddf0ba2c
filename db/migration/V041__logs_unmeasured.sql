CREATE INDEX logs_unmeasured ON logs (id) WHERE closed_at IS NOT NULL AND stored_bytes IS NULL;
