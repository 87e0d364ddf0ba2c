-- What happened in an hour, by builder, of all replicas: each adds to it what it counted.
CREATE TABLE trend_hours (
  hour         timestamptz NOT NULL,
  builder      text NOT NULL,
  hits         bigint NOT NULL,
  joins        bigint NOT NULL,
  starts       bigint NOT NULL,
  saved_millis bigint NOT NULL,   -- run time that hits and joins did not cost again
  succeeded    bigint NOT NULL,
  failed       bigint NOT NULL,
  otherwise    bigint NOT NULL,   -- attempts that ended without an outcome
  PRIMARY KEY (hour, builder)
);
