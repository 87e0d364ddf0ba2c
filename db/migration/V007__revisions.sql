-- The one counter that numbers published changes, densely and in commit order. Another epoch means
-- that the numbers start anew, say after an older backup was restored.
CREATE TABLE revisions (
  one      boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch    uuid NOT NULL DEFAULT gen_random_uuid(),
  revision bigint NOT NULL DEFAULT 0
);

INSERT INTO revisions DEFAULT VALUES;
