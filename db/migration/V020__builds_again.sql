-- Who wanted one more attempt after the active one, and when and why: the flag that the active one's
-- outcome is born with. A flag of before, which that outcome clears, has its own.
ALTER TABLE builds ADD COLUMN again_at timestamptz, ADD COLUMN again_by text, ADD COLUMN again_why text;
