-- When the bytes of a chunk came: pairs of variable-length numbers, how many bytes behind the pair
-- before and how many milliseconds after it; the first counts from the chunk's start and from 1970.
ALTER TABLE log_chunks ADD COLUMN times bytea;
