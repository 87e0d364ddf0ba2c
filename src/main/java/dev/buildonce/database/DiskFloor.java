package dev.buildonce.database;

import java.util.regex.Pattern;
import org.springframework.util.unit.DataSize;

/**
 * How much of a disk is to stay free.
 *
 * @param percent of the whole disk
 * @param bytes or so many
 */
record DiskFloor(int percent, long bytes) {
  private static final Pattern PERCENT = Pattern.compile("([0-9]{1,2})\\s*%");

  /** Reads {@code 5%} or {@code 2GB}; {@code 0} is no floor. */
  public static DiskFloor valueOf(String text) {
    var percent = PERCENT.matcher(text.strip());
    if (percent.matches()) {
      return new DiskFloor(Integer.parseInt(percent.group(1)), 0);
    }
    DataSize size = DataSize.parse(text.strip());
    if (size.isNegative()) {
      throw new IllegalArgumentException(text + " is less than nothing");
    }
    return new DiskFloor(0, size.toBytes());
  }

  /** What has to stay free of a disk of this size. */
  long of(long total) {
    return Math.max(bytes, Math.round(total / 100.0 * percent));
  }

  @Override
  public String toString() {
    return percent > 0 ? percent + "%" : bytes + "B";
  }
}
