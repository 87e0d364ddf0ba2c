-- All that is known of a key but its attempts. A deleted build leaves its row behind as a tombstone
-- (deleted_at), so that the numbers of its attempts are never used twice.
CREATE TABLE builds (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key          text COLLATE "C" NOT NULL UNIQUE CHECK (length(key) BETWEEN 1 AND 255),
  builder      text NOT NULL,
  params       text NOT NULL,                -- JSON object: the input params, which the key names
  input_digest text NOT NULL,                -- of builder and input params
  extras       text NOT NULL DEFAULT '{}',   -- JSON object: the latest start's params that are no input
  title        text NOT NULL,
  tags         text[] NOT NULL DEFAULT '{}',
  requester    text NOT NULL,
  status       text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'unbuilt')),
  attempts     integer NOT NULL DEFAULT 0,   -- number of the latest attempt, never reset
  outcome      integer,                      -- number of the attempt whose outcome stands
  rebuild_at   timestamptz,                  -- set: the outcome that stands is flagged
  rebuild_by   text,
  rebuild_why  text,
  again        boolean NOT NULL DEFAULT false, -- one more attempt follows the active one
  revision     bigint,
  changed_at   timestamptz NOT NULL,
  used_at      timestamptz NOT NULL,
  deleted_at   timestamptz
);

CREATE INDEX builds_changed ON builds (changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX builds_changed_by_status ON builds (status, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX builds_changed_by_builder ON builds (builder, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX builds_changed_by_requester ON builds (requester, changed_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX builds_rebuild ON builds (changed_at DESC, id DESC) WHERE rebuild_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX builds_tags ON builds USING gin (tags);
