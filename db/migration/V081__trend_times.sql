-- How long attempts waited, and ran if they left an outcome: how many of an hour are in a bucket.
CREATE TABLE trend_times (
  hour     timestamptz NOT NULL,
  builder  text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('queue', 'run')),
  bucket   smallint NOT NULL,     -- below 2 to the power of a quarter of it, in milliseconds
  attempts bigint NOT NULL,
  PRIMARY KEY (hour, builder, kind, bucket)
);
