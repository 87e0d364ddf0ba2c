-- What retention goes by: what a closed log takes in the database (null until a sweep has looked, 0 once
-- its bytes are gone), when it was last of use, and whether its attempt is gone and the row is to follow.
ALTER TABLE logs ADD COLUMN stored_bytes bigint, ADD COLUMN used_at timestamptz,
  ADD COLUMN orphan boolean NOT NULL DEFAULT false;
