package dev.buildonce.leases;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A replica's hold on an attempt, for a term.
 *
 * @param attemptId the attempt
 * @param buildId its build
 * @param pool where it runs
 * @param priority higher goes first
 * @param timeout of the run
 * @param home whose supervisor runs it, or last ran it; null if none did
 * @param overdue whether it waited longer than its queue allows
 * @param only who alone may start it, or null for anybody
 * @param secrets a digest of the secrets that its run was given; null if there were none
 * @param fence what every write for the attempt has to carry; grows whenever somebody takes the
 *     lease
 */
public record Lease(
    long attemptId,
    long buildId,
    String pool,
    int priority,
    Duration timeout,
    @Nullable UUID home,
    boolean overdue,
    @Nullable Only only,
    @Nullable String secrets,
    long fence) {}
