-- One row per attempt that is queued or whose processes may still run, with all that the running side needs.
CREATE TABLE leases (
  attempt_id     bigint PRIMARY KEY REFERENCES attempts,
  build_id       bigint NOT NULL REFERENCES builds,
  pool           text NOT NULL,
  priority       integer NOT NULL,
  not_before     timestamptz NOT NULL,
  timeout_millis bigint NOT NULL,            -- of the run
  deadline       timestamptz NOT NULL,       -- of the queue while nobody holds it, then of the run
  stop           text CHECK (stop IN ('cancelled')),
  holder         uuid,                       -- the replica that carries it
  home           uuid,                       -- whose supervisor runs it
  fence          bigint NOT NULL DEFAULT 0,
  expires_at     timestamptz,
  CHECK ((holder IS NULL) = (expires_at IS NULL))
);

CREATE INDEX leases_queue ON leases (pool, priority DESC, attempt_id) WHERE holder IS NULL;
CREATE INDEX leases_build ON leases (build_id, attempt_id);
CREATE INDEX leases_held ON leases (expires_at) WHERE holder IS NOT NULL;
