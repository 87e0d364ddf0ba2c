-- A keyed digest of the secrets that a run was given, or null for none: who adopts the run has to mask the
-- same ones.
ALTER TABLE leases ADD COLUMN secrets text;
