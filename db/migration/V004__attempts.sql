-- One execution for a key, numbered from 1.
CREATE TABLE attempts (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  build_id         bigint NOT NULL REFERENCES builds,
  number           integer NOT NULL CHECK (number > 0),
  log_id           bigint NOT NULL REFERENCES logs,
  builder          text NOT NULL,
  builder_version  text NOT NULL,
  status           text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'timed-out', 'cancelled', 'errored', 'lost')),
  reason           text NOT NULL CHECK (reason IN ('missing', 'rebuild', 'expired', 'builder-changed', 'too-old', 'retry')),
  requester        text NOT NULL,
  pending_reason   text,                     -- what the build itself says it waits for
  retry            integer NOT NULL DEFAULT 0, -- how many attempts of this chain before it counted against retries
  interrupted      integer NOT NULL DEFAULT 0, -- and how many did not, because the service itself stopped or crashed
  queued_at        timestamptz NOT NULL,
  started_at       timestamptz,
  finished_at      timestamptz,
  estimated_millis bigint,
  exit_code        integer,
  failure          text CHECK (length(failure) <= 500),
  value            text,                     -- JSON as the build wrote it
  next             integer,                  -- number of the attempt that retries this one
  fence            bigint,                   -- of the lease that published the end
  backoff_until    timestamptz,              -- after a spent chain: no new attempt is taken before
  cancelled_at     timestamptz,              -- marked: no longer active, its processes are being ended
  cancelled_by     text,
  cancelled_why    text,
  UNIQUE (build_id, number),
  CHECK ((finished_at IS NOT NULL) = (status NOT IN ('queued', 'running')))
);

CREATE INDEX attempts_log ON attempts (log_id);
CREATE INDEX attempts_run_time ON attempts (builder, finished_at DESC) WHERE status = 'succeeded';
