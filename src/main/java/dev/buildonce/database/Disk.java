package dev.buildonce.database;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk that the home is on, with its workspaces, spools and the embedded database. Below its
 * floor nothing new is started. The disk of a database elsewhere cannot be seen from here; when
 * that is full, it says so itself.
 */
public final class Disk {
  private static final Logger LOG = LoggerFactory.getLogger(Disk.class);
  private static final long FRESH = Duration.ofSeconds(1).toNanos();

  /** How long it still counts for what failed meanwhile. */
  private static final long LATELY = Duration.ofSeconds(10).toNanos();

  private final DiskFloor floor;
  private final Supplier<Room> measure;
  private Room room;
  private long measuredAt;
  private long lowAt;
  private boolean everLow;

  /**
   * What there is at a moment.
   *
   * @param free bytes that may be written
   * @param total bytes in all
   */
  public record Room(long free, long total) {
    @Override
    public String toString() {
      return mebibytes(free) + " of " + mebibytes(total) + " free";
    }

    private static String mebibytes(long bytes) {
      return (bytes >> 20) + " MiB";
    }
  }

  Disk(DiskFloor floor, Supplier<Room> measure) {
    this.floor = floor;
    this.measure = measure;
    this.room = measure.get();
    this.measuredAt = System.nanoTime();
  }

  static Disk of(Home home, DiskFloor floor, @Nullable MeterRegistry registry) {
    Disk disk = new Disk(floor, () -> measure(home));
    if (registry != null) {
      registry.gauge("buildonce.disk.free.bytes", disk, each -> each.room().free());
      registry.gauge(
          "buildonce.disk.floor.bytes", disk, each -> each.floor.of(each.room().total()));
    }
    return disk;
  }

  private static Room measure(Home home) {
    try {
      FileStore store = Files.getFileStore(home.directory());
      return new Room(store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What there is, as of a second ago at most. */
  public synchronized Room room() {
    long now = System.nanoTime();
    if (now - measuredAt > FRESH) {
      boolean before = isLow();
      room = measure.get();
      measuredAt = now;
      if (before != isLow()) {
        LOG.warn(
            before
                ? "The disk is above its floor again: {}"
                : "The disk is below its floor (buildonce.keep.free-disk), nothing new is started: {}",
            room);
      }
    }
    if (isLow()) {
      everLow = true;
      lowAt = now;
    }
    return room;
  }

  /** Whether it is below its floor now. */
  public synchronized boolean low() {
    room();
    return isLow();
  }

  /** Whether it was seen below its floor in the last seconds. */
  public synchronized boolean lowLately() {
    return low() || (everLow && System.nanoTime() - lowAt < LATELY);
  }

  /** What is to stay free, as it was set. */
  public String floor() {
    return floor.toString();
  }

  private boolean isLow() {
    return room.free() < floor.of(room.total());
  }
}
