package dev.buildonce.database;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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

  /** How often it is looked at while nobody asks: what fills it may be gone again soon. */
  private static final Duration LOOK = Duration.ofMillis(200);

  private final DiskFloor floor;
  private final Supplier<Room> measure;

  /** Its time of change is when the disk was last seen low; setting that takes no room. */
  private final @Nullable Path mark;

  private Room room;
  private Instant lowAt;

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
    this(floor, measure, null);
  }

  private Disk(DiskFloor floor, Supplier<Room> measure, @Nullable Path mark) {
    this.floor = floor;
    this.measure = measure;
    this.mark = mark;
    this.lowAt = mark == null ? Instant.MIN : marked(mark);
    this.room = measure.get();
    if (isLow()) {
      noteLow();
    }
  }

  static Disk of(Home home, DiskFloor floor, MeterRegistry registry) {
    FileStore store = storeOf(home);
    Disk disk = new Disk(floor, () -> measure(store), home.directory().resolve("disk-low"));
    registry.gauge("buildonce.disk.free.bytes", disk, each -> each.room().free());
    registry.gauge("buildonce.disk.floor.bytes", disk, each -> each.floor.of(each.room().total()));
    return disk;
  }

  /** What looks at it all the time, to be run as long as the service. */
  WorkLoop watch(MeterRegistry registry) {
    return WorkLoop.of("disk", LOOK, this::room, registry);
  }

  private static FileStore storeOf(Home home) {
    try {
      return Files.getFileStore(home.directory());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Room measure(FileStore store) {
    try {
      return new Room(store.getUsableSpace(), store.getTotalSpace());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant marked(Path mark) {
    try {
      if (Files.notExists(mark)) {
        Files.createFile(mark);
        Files.setLastModifiedTime(mark, FileTime.from(Instant.EPOCH));
      }
      return Files.getLastModifiedTime(mark).toInstant();
    } catch (IOException e) {
      LOG.warn("A full disk will be forgotten at a restart: {}", e.toString());
      return Instant.MIN;
    }
  }

  private void noteLow() {
    lowAt = Instant.now();
    if (mark != null) {
      try {
        Files.setLastModifiedTime(mark, FileTime.from(lowAt));
      } catch (IOException _) {
        // Known in memory; said at the start.
      }
    }
  }

  /** What there is, looked at now. */
  public synchronized Room room() {
    boolean before = isLow();
    room = measure.get();
    if (before != isLow()) {
      LOG.warn(
          before
              ? "The disk is above its floor again: {}"
              : "The disk is below its floor (buildonce.keep.free-disk), nothing new is started: {}",
          room);
    }
    if (isLow()) {
      noteLow();
    }
    return room;
  }

  /** Whether it is below its floor now. */
  public synchronized boolean low() {
    room();
    return isLow();
  }

  /** Whether it was seen below its floor since a moment, in an earlier life of this home, too. */
  public synchronized boolean lowSince(Instant moment) {
    return low() || lowAt.isAfter(moment);
  }

  /** What is to stay free, as it was set. */
  public String floor() {
    return floor.toString();
  }

  private boolean isLow() {
    return room.free() < floor.of(room.total());
  }
}
