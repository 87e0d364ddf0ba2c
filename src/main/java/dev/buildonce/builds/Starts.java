package dev.buildonce.builds;

import dev.buildonce.builders.Builder;
import dev.buildonce.database.Disk;
import dev.buildonce.leases.Leases;
import dev.buildonce.leases.Offer;
import dev.buildonce.leases.Only;
import dev.buildonce.leases.Queues;
import dev.buildonce.logs.LogId;
import dev.buildonce.logs.Logs;
import dev.buildonce.problems.DiskFull;
import dev.buildonce.problems.FieldError;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Inserts attempts with their logs and leases, in the caller's transaction. */
@Component
class Starts {
  private final BuildTable builds;
  private final AttemptTable attempts;
  private final RunTimes runTimes;
  private final Logs logs;
  private final Leases leases;
  private final Queues queues;
  private final SecretParams secrets;
  private final Disk disk;

  Starts(
      BuildTable builds,
      AttemptTable attempts,
      RunTimes runTimes,
      Logs logs,
      Leases leases,
      Queues queues,
      SecretParams secrets,
      Disk disk) {
    this.builds = builds;
    this.attempts = attempts;
    this.runTimes = runTimes;
    this.logs = logs;
    this.leases = leases;
    this.queues = queues;
    this.secrets = secrets;
    this.disk = disk;
  }

  /** Refuses what no pool could run, and everything while there is no room to store it. */
  void requireStartable(Inputs.Wanted wanted) {
    Builder builder = wanted.definition();
    if (builder == null) {
      throw InvalidBuild.of(
          "builder", "the builder " + wanted.builder() + " is gone, nothing can be started for it");
    }
    if (!wanted.missing().isEmpty()) {
      throw new InvalidBuild(
          wanted.missing().stream()
              .sorted()
              .map(
                  name -> new FieldError("params." + name, "is missing, and secret: give it again"))
              .toList());
    }
    if (queues.of(builder.pool()).isEmpty()) {
      throw InvalidBuild.of(
          "builder", "its pool " + builder.pool() + " is not configured on this service");
    }
    if (disk.low()) {
      throw new DiskFull(
          "The service's disk has %s, less than its floor of %s."
              .formatted(disk.room(), disk.floor()));
    }
  }

  /**
   * Starts an attempt for an ask; the transaction holds the lock on the build's row and found no
   * active attempt.
   */
  void start(Build build, Inputs.Wanted wanted, Ask ask, Cause cause) {
    requireStartable(wanted);
    Builder builder = Objects.requireNonNull(wanted.definition());
    Queues.Queue queue = queues.of(builder.pool()).orElseThrow();
    if (leases.queued(builder.pool(), queue.maxQueued()) >= queue.maxQueued()) {
      throw new QueueFull(builder.pool(), queue.maxQueued());
    }
    int latest = builds.latestNumber(build.id());
    Duration timeout = ask.timeout() == null ? builder.timeout() : ask.timeout();
    boolean alone = !wanted.secrets().isEmpty();
    long id =
        insert(
            new AttemptTable.NewAttempt(
                build.id(),
                latest + 1,
                logs.create(),
                builder.name(),
                builder.version().toString(),
                cause,
                ask.requester(),
                0,
                0,
                runTimes.estimate(build)),
            new Place(
                builder.pool(),
                ask.priority() == null ? 0 : ask.priority(),
                attempts.backoff(build.id(), latest),
                timeout,
                queue.queueTimeout(),
                alone ? secrets.only() : null));
    if (alone) {
      secrets.keep(id, wanted.secrets());
    }
    builds.started(
        build.id(),
        latest + 1,
        wanted.inputs(),
        wanted.digest(),
        wanted.extras(),
        title(build, wanted, ask),
        tags(build, wanted, ask),
        ask.requester());
  }

  /** Where and how an attempt waits. */
  record Place(
      String pool,
      int priority,
      Duration delay,
      Duration timeout,
      Duration queueTimeout,
      @Nullable Only only) {}

  /**
   * Starts the attempt that follows {@code ended} in its chain and returns its number.
   *
   * @param endedId the id of the ended one
   */
  int follow(
      long buildId,
      long endedId,
      AttemptTable.Locked ended,
      int retry,
      int interrupted,
      Cause cause,
      Place place) {
    LogId log = logs.create();
    int number = ended.number() + 1;
    long id =
        insert(
            new AttemptTable.NewAttempt(
                buildId,
                number,
                log,
                ended.builder(),
                ended.builderVersion(),
                cause,
                ended.requester(),
                retry,
                interrupted,
                ended.estimatedMillis() == null
                    ? null
                    : Duration.ofMillis(ended.estimatedMillis())),
            place);
    if (place.only() != null) {
      secrets.pass(endedId, id);
    }
    builds.followed(buildId, number);
    return number;
  }

  private long insert(AttemptTable.NewAttempt attempt, Place place) {
    long id = attempts.insert(attempt);
    leases.offer(
        new Offer(
            id,
            attempt.buildId(),
            place.pool(),
            place.priority(),
            place.delay(),
            place.timeout(),
            place.queueTimeout(),
            place.only()));
    return id;
  }

  private static String title(Build build, Inputs.Wanted wanted, Ask ask) {
    if (ask.title() != null) {
      return ask.title();
    }
    return wanted.repeated() && build.attempt() != null ? build.title() : title(wanted);
  }

  /** The builder's title for what is wanted, empty if the builder is gone. */
  static String title(Inputs.Wanted wanted) {
    @Nullable Builder builder = wanted.definition();
    if (builder == null) {
      return "";
    }
    Map<String, String> params = new HashMap<>(wanted.inputs());
    params.putAll(wanted.extras());
    return builder.title(params);
  }

  private static List<String> tags(Build build, Inputs.Wanted wanted, Ask ask) {
    if (ask.tags() != null) {
      return ask.tags();
    }
    return wanted.repeated() ? build.tags() : List.of();
  }
}
