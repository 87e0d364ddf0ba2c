package dev.buildonce.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Bytes on their way into the database, in one transaction. It stays as it is until it is known to
 * be stored or refused, so that a commit of unknown fate can be recognized.
 *
 * @param at the length of the log before it
 * @param line the number of the line its first byte is in
 * @param data the bytes, after masking; at least one, and not changed as long as this is used
 * @param newlines how many newlines are among them
 * @param sourceEnd how much of the runner's output is stored with it
 * @param arrivals when they came
 * @param chunks the same, as they are stored
 */
record Append(
    long at,
    long line,
    Bytes data,
    long newlines,
    long sourceEnd,
    Arrivals arrivals,
    List<Chunk> chunks) {

  /** Part of the bytes, and what becomes one chunk. */
  private record Part(int from, int to, int newlines, Packed packed) {
    static Part of(byte[] bytes, int from, int to) {
      return new Part(from, to, Newlines.count(bytes, from, to), Packer.pack(bytes, from, to));
    }
  }

  /**
   * Packs bytes, on all processors: that takes longer than all else that is done for a log.
   *
   * @param millis when they came, in milliseconds since 1970
   * @param most how long a chunk may be
   * @param border an offset no chunk may reach across
   * @param meanwhile gets the bytes, too, and is not to use them once it returns
   */
  static Append of(
      long at,
      long line,
      Bytes data,
      long sourceEnd,
      long millis,
      int most,
      long border,
      Consumer<Piece.Kept> meanwhile) {
    Arrivals arrivals = Arrivals.of(at, millis);
    var kept = new Piece.Kept(at, line, data.array(), 0, data.length(), arrivals);
    int[] ends = ends(at, data.length(), most, border);
    List<Part> parts =
        Packer.all(
            IntStream.range(0, ends.length)
                .<Supplier<Part>>mapToObj(
                    i -> () -> Part.of(data.array(), i == 0 ? 0 : ends[i - 1], ends[i]))
                .toList(),
            () -> meanwhile.accept(kept));
    var chunks = new ArrayList<Chunk>(parts.size());
    long firstLine = line;
    for (Part part : parts) {
      long first = at + part.from;
      var came = Arrivals.of(first, millis);
      int length = part.to - part.from;
      chunks.add(Chunk.of(first, firstLine, length, part.newlines, part.packed, came));
      firstLine += part.newlines;
    }
    return new Append(at, line, data, firstLine - line, sourceEnd, arrivals, chunks);
  }

  private static int[] ends(long at, int length, int most, long border) {
    var ends = IntStream.builder();
    int from = 0;
    while (from < length) {
      int to = Math.min(from + most, length);
      if (at + from < border && border < at + to) {
        to = (int) (border - at);
      }
      ends.add(to);
      from = to;
    }
    return ends.build().toArray();
  }

  int bytes() {
    return data.length();
  }

  long end() {
    return at + bytes();
  }

  /** A copy for the memory of those who watch the log. */
  Stretch stretch() {
    return new Stretch(at, line, end(), newlines, data.copy(), arrivals);
  }

  boolean openLine() {
    return data.array()[bytes() - 1] != '\n';
  }
}
