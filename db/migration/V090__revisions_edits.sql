-- Counts what changes what is told of an ended attempt without being a change that readers are told of:
-- that its log was removed and with it what its failure quoted. Who keeps builds in memory forgets them then.
ALTER TABLE revisions ADD COLUMN edits bigint NOT NULL DEFAULT 0;
