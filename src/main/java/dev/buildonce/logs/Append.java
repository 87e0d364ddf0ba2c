package dev.buildonce.logs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes on their way into the database, in one transaction. It stays as it is until it is known to
 * be stored or refused, so that a commit of unknown fate can be recognized.
 *
 * @param at the length of the log before it
 * @param line the number of the line its first byte is in
 * @param data the bytes, after masking; at least one
 * @param newlines how many newlines are among them
 * @param sourceEnd how much of the runner's output is stored with it
 * @param arrivals when they came
 */
record Append(long at, long line, byte[] data, long newlines, long sourceEnd, Arrivals arrivals) {

  Append(long at, long line, byte[] data, long sourceEnd, Arrivals arrivals) {
    this(at, line, data, Newlines.count(data, 0, data.length), sourceEnd, arrivals);
  }

  long bytes() {
    return data.length;
  }

  long end() {
    return at + data.length;
  }

  /** The same in memory. */
  Stretch stretch() {
    return new Stretch(at, line, end(), newlines, data, arrivals);
  }

  boolean openLine() {
    return data[data.length - 1] != '\n';
  }

  /**
   * The chunks to store it as.
   *
   * @param most how long one may be
   * @param border an offset no chunk may reach across
   */
  List<Chunk> chunks(int most, long border) {
    List<byte[]> pieces = pieces(most, border);
    // Packing takes longer than all else that is done for a log: with two processors, half as long.
    List<byte[]> packed = pieces.parallelStream().map(Codec::shorten).toList();
    var chunks = new ArrayList<Chunk>(pieces.size());
    long first = at;
    long firstLine = line;
    for (int i = 0; i < pieces.size(); i++) {
      var came = Arrivals.of(first, arrivals.at(at));
      Chunk chunk = Chunk.of(first, firstLine, pieces.get(i), packed.get(i), came);
      chunks.add(chunk);
      first = chunk.end();
      firstLine += chunk.newlines();
    }
    return chunks;
  }

  private List<byte[]> pieces(int most, long border) {
    var pieces = new ArrayList<byte[]>();
    int from = 0;
    while (from < data.length) {
      int to = Math.min(from + most, data.length);
      if (at + from < border && border < at + to) {
        to = (int) (border - at);
      }
      pieces.add(from == 0 && to == data.length ? data : Arrays.copyOfRange(data, from, to));
      from = to;
    }
    return pieces;
  }
}
