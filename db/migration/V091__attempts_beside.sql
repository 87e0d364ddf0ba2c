-- Attempts under way beside an outcome that goes on answering other asks. Their start is no published
-- change, so who answers from memory looks here. Hardly ever more than a few.
CREATE INDEX attempts_beside ON attempts (build_id)
  WHERE finished_at IS NULL AND reason IN ('expired', 'builder-changed', 'too-old');
