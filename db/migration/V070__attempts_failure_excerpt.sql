-- The line of the log that most tellingly is an error, and those around it, as JSON; null without one.
ALTER TABLE attempts ADD COLUMN failure_excerpt text CHECK (octet_length(failure_excerpt) <= 4096);
