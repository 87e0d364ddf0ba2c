-- An attempt whose secret params are in the memory of one replica alone: only that holder may take it
-- from the queue. Once another life of its home says that the holder is gone, it ends.
ALTER TABLE leases ADD COLUMN only_holder uuid, ADD COLUMN only_home uuid,
  ADD CHECK ((only_holder IS NULL) = (only_home IS NULL));
