-- At most one active attempt per key: the net under the lock on the builds row, which decides.
CREATE UNIQUE INDEX attempts_active ON attempts (build_id) WHERE status IN ('queued', 'running') AND cancelled_at IS NULL;
