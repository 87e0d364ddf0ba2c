package dev.buildonce.logs;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * When the bytes of a stretch of a log came, to about 100 ms. Bytes of which nothing is noted came
 * with those before them.
 */
public final class Arrivals {

  /** Says nothing of any byte. */
  static final Arrivals UNKNOWN = new Arrivals(new long[0], new long[0]);

  /** What is this close together has one time. */
  private static final long RESOLUTION_MILLIS = 100;

  private final long[] offsets;
  private final long[] millis;

  private Arrivals(long[] offsets, long[] millis) {
    this.offsets = offsets;
    this.millis = millis;
  }

  /** All bytes from an offset on came at one time. */
  static Arrivals of(long offset, long millis) {
    return new Arrivals(new long[] {offset}, new long[] {millis});
  }

  /** Reads what {@link #encoded} wrote for a chunk that begins at this offset. */
  static Arrivals decoded(byte @Nullable [] data, long base) {
    if (data == null) {
      return UNKNOWN;
    }
    var numbers = new VarLongs(data);
    long[] offsets = new long[data.length / 2];
    long[] millis = new long[data.length / 2];
    int count = 0;
    long offset = base;
    long time = 0;
    while (numbers.hasNext()) {
      offset += numbers.next();
      time += numbers.next();
      offsets[count] = offset;
      millis[count++] = time;
    }
    return new Arrivals(Arrays.copyOf(offsets, count), Arrays.copyOf(millis, count));
  }

  /** When this byte came, in milliseconds since 1970; -1 if nothing is known. */
  public long at(long offset) {
    int place = Arrays.binarySearch(offsets, offset);
    int before = place >= 0 ? place : -place - 2;
    return before < 0 ? -1 : millis[before];
  }

  /** These and those of the bytes behind them, of which none came earlier. */
  Arrivals then(Arrivals next) {
    long[] allOffsets = Arrays.copyOf(offsets, offsets.length + next.offsets.length);
    long[] allMillis = Arrays.copyOf(millis, allOffsets.length);
    int count = offsets.length;
    for (int i = 0; i < next.offsets.length; i++) {
      if (count == 0 || next.millis[i] - allMillis[count - 1] >= RESOLUTION_MILLIS) {
        allOffsets[count] = next.offsets[i];
        allMillis[count++] = next.millis[i];
      }
    }
    return new Arrivals(Arrays.copyOf(allOffsets, count), Arrays.copyOf(allMillis, count));
  }

  /** What the database keeps of it for a chunk that begins at this offset; null for nothing. */
  byte @Nullable [] encoded(long base) {
    if (offsets.length == 0) {
      return null;
    }
    var out = new Bytes();
    long offset = base;
    long time = 0;
    for (int i = 0; i < offsets.length; i++) {
      VarLongs.append(out, offsets[i] - offset);
      VarLongs.append(out, millis[i] - time);
      offset = offsets[i];
      time = millis[i];
    }
    return out.takeAll();
  }
}
