package dev.buildonce.leases;

import java.time.Duration;

/**
 * What a renewed lease says.
 *
 * @param attemptId the attempt
 * @param fence the lease's fence
 * @param stop whether the attempt is to be stopped, cancelled
 * @param timeout of the run, as raised by now
 * @param left until the deadline of the run, negative once it has passed
 */
public record Heartbeat(
    long attemptId, long fence, boolean stop, Duration timeout, Duration left) {}
