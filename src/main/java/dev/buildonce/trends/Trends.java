package dev.buildonce.trends;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What happened in the latest hours, on all replicas, some seconds old. */
@Component
public final class Trends {
  /** Those of 90 days, which is what is kept by default. */
  public static final int MOST_HOURS = 2160;

  /** A page that many look at costs the database no more than one that nobody does. */
  private static final long FRESH = Duration.ofSeconds(2).toNanos();

  /** A bound: of so many builders, and of so many hours each, something is remembered. */
  private static final int MOST = 20;

  private static final int MOST_REMEMBERED = 168;

  /** What replicas counted goes to the present hour, or to the one before if it ended meanwhile. */
  private static final int CHANGING = 3;

  private final TrendTable table;
  private final ConcurrentHashMap<Wanted, Read> latest = new ConcurrentHashMap<>();

  private record Wanted(@Nullable String builder, int hours) {}

  private record Read(long at, List<Stretch> hours) {}

  Trends(TrendTable table) {
    this.table = table;
  }

  /**
   * The latest hours without gap, in order, the present one last.
   *
   * @param builder whose, or null for all
   * @param hours how many, 1 to {@link #MOST_HOURS}
   */
  public List<Stretch> hours(@Nullable String builder, int hours) {
    if (hours > MOST_REMEMBERED) {
      return table.hours(builder, hours);
    }
    if (latest.size() > MOST) {
      latest.clear();
    }
    return latest.compute(new Wanted(builder, hours), this::fresh).hours();
  }

  private Read fresh(Wanted wanted, @Nullable Read read) {
    long now = System.nanoTime();
    if (read != null && now - read.at() < FRESH) {
      return read;
    }
    if (read == null || wanted.hours() <= CHANGING) {
      return new Read(now, table.hours(wanted.builder(), wanted.hours()));
    }
    List<Stretch> changing = table.hours(wanted.builder(), CHANGING);
    Instant from = changing.getFirst().from();
    List<Stretch> all =
        new ArrayList<>(read.hours().stream().filter(hour -> hour.from().isBefore(from)).toList());
    boolean gap = all.isEmpty() || all.getLast().from().isBefore(from.minus(1, ChronoUnit.HOURS));
    all.addAll(changing);
    if (gap || all.size() < wanted.hours()) {
      return new Read(now, table.hours(wanted.builder(), wanted.hours()));
    }
    return new Read(now, List.copyOf(all.subList(all.size() - wanted.hours(), all.size())));
  }
}
