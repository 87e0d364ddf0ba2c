-- What was published, append-only; builds holds only the latest of each.
CREATE TABLE changes (
  revision   bigint PRIMARY KEY,
  build_id   bigint NOT NULL,
  key        text COLLATE "C" NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('outcome', 'rebuild-requested', 'ended', 'removed')),
  attempt    integer,
  status     text,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX changes_age ON changes (changed_at);
