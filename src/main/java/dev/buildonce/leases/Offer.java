package dev.buildonce.leases;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that waits to be taken.
 *
 * @param attemptId the attempt
 * @param buildId its build
 * @param pool where it is to run
 * @param priority higher goes first
 * @param delay how long nobody may take it
 * @param timeout of the run
 * @param queueTimeout how long it may wait, counted from the end of {@code delay}
 * @param only who alone may take it, or null for whoever has room
 */
public record Offer(
    long attemptId,
    long buildId,
    String pool,
    int priority,
    Duration delay,
    Duration timeout,
    Duration queueTimeout,
    @Nullable Only only) {}
