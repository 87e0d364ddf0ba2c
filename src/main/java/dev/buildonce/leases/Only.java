package dev.buildonce.leases;

import java.util.UUID;

/**
 * The one who may take an attempt from the queue, as nobody else has all that it needs.
 *
 * @param holder this life of a replica
 * @param home its home: another life there knows that the holder is gone
 */
public record Only(UUID holder, UUID home) {}
