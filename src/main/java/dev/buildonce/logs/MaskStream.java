package dev.buildonce.logs;

import java.util.ArrayDeque;

/** Masks one stream of bytes; not safe for use by several threads. */
final class MaskStream {

  /*
   * Everything is decided at a border: no occurrence that begins before it ends behind it, so reading
   * from there anew gives the same bytes. A border is where the longest end of the input that some
   * secret begins with starts, or the open occurrence that reaches into it. Bytes behind the border
   * are held back. Occurrences that overlap without end (a secret of dashes in a line of dashes) are
   * cut off after ENOUGH, else the border would never move and a full spool would stop the build.
   */
  private static final int ENOUGH = 64 * 1024;

  private static final byte[] STARS = {'*', '*', '*'};

  private final Mask mask;

  /** Occurrences that were found but not passed on: start and end, counted from the first byte. */
  private final ArrayDeque<long[]> found = new ArrayDeque<>();

  private byte[] held = new byte[0];
  private int heldFrom;
  private int heldTo;

  /** Where the next byte stands, counted from the first one. */
  private long position;

  private int node;

  MaskStream(Mask mask) {
    this.mask = mask;
  }

  /** How many bytes of the source are held back. */
  int heldBack() {
    return heldTo - heldFrom;
  }

  /** Takes bytes of the source and passes on what is decided. */
  void feed(byte[] source, int from, int to, Bytes out) {
    if (mask.isEmpty()) {
      out.append(source, from, to);
      return;
    }
    int next = from;
    while (next < to) {
      if (heldFrom == heldTo) {
        int plain = next;
        while (next < to && !mask.begins(source[next])) {
          next++;
        }
        out.append(source, plain, next);
        position += next - plain;
      }
      if (next < to) {
        take(source[next++], out);
      }
    }
  }

  /** Passes on what is held back: no more bytes will come. */
  void finish(Bytes out) {
    release(position, out);
    node = 0;
  }

  private void take(byte next, Bytes out) {
    hold(next);
    position++;
    node = mask.step(node, next);
    if (mask.longest(node) > 0) {
      cover(position - mask.longest(node));
      long[] last = found.getLast();
      if (last[1] - last[0] >= ENOUGH) {
        node = 0;
      }
    }
    release(position - mask.depth(node), out);
  }

  /** Joins an occurrence that begins here and ends with the latest byte to those it overlaps. */
  private void cover(long start) {
    long from = start;
    while (!found.isEmpty() && found.getLast()[1] > start) {
      from = Math.min(from, found.removeLast()[0]);
    }
    found.addLast(new long[] {from, position});
  }

  private void release(long border, Bytes out) {
    while (!found.isEmpty() && found.getFirst()[1] <= border) {
      long[] first = found.removeFirst();
      passOn(first[0], out);
      out.append(STARS, 0, STARS.length);
      skip(first[1]);
    }
    long open = found.isEmpty() ? border : found.getFirst()[0];
    passOn(Math.min(open, border), out);
  }

  private void passOn(long end, Bytes out) {
    int from = heldFrom;
    skip(end);
    out.append(held, from, heldFrom);
  }

  private void skip(long end) {
    long start = position - heldBack();
    heldFrom += (int) (end - start);
  }

  private void hold(byte next) {
    if (heldFrom == heldTo) {
      heldFrom = 0;
      heldTo = 0;
    }
    if (heldTo == held.length) {
      int length = heldBack();
      byte[] room = length >= held.length / 2 ? new byte[Math.max(64, 2 * length)] : held;
      System.arraycopy(held, heldFrom, room, 0, length);
      held = room;
      heldFrom = 0;
      heldTo = length;
    }
    held[heldTo++] = next;
  }
}
