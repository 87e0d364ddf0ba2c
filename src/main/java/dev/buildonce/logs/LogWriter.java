package dev.buildonce.logs;

import dev.buildonce.database.Transactions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends what a runner writes to a log, masked, under one fence: {@link LogBatches} hands it over.
 *
 * <p>Two threads may share the work: one that masks and packs, one that stores. What was packed and
 * could not be stored is to be stored again, until that succeeds, before what comes after it. No
 * byte is stored twice, whatever became of the commit that failed.
 */
public final class LogWriter {

  /** The longest chunk: 512 KiB. */
  public static final int MAX_CHUNK = 512 * 1024;

  /** The most to pack at once: four chunks in one commit, for who writes flat out. */
  public static final int MAX_APPEND = 4 * MAX_CHUNK;

  private final LogId id;
  private final long fence;
  private final LogLimit limit;
  private final Transactions transactions;
  private final LogTable table;
  private final ChunkTable chunks;
  private final LiveLogs live;
  private final long border;

  // of who masks and packs
  private final MaskStream mask;
  private long taken;
  private long packed;
  private long packedNewlines;
  private long arrived;

  // of who stores
  private long stored;
  private long length;
  private long droppedBytes;
  private long headEnd;

  LogWriter(
      LogRow row,
      LogLimit limit,
      Mask mask,
      Transactions transactions,
      LogTable table,
      ChunkTable chunks,
      LiveLogs live) {
    this.id = new LogId(row.id());
    this.fence = row.fence();
    this.limit = limit;
    this.mask = new MaskStream(mask);
    this.transactions = transactions;
    this.table = table;
    this.chunks = chunks;
    this.live = live;
    this.taken = row.sourceBytes();
    this.packed = row.bytes();
    this.packedNewlines = row.newlines();
    this.stored = row.sourceBytes();
    this.length = row.bytes();
    this.headEnd = limit.head();
    readDropped(row);
    this.border = headEnd;
  }

  /** Which log. */
  public LogId id() {
    return id;
  }

  /**
   * How far the runner's output is stored: where to attach to it after a restart. Bytes that the
   * mask holds back are not stored yet, so a reader that starts here anew gets the same log.
   */
  public long sourceOffset() {
    return stored;
  }

  /** How long the log is by now, as far as it is stored. */
  public long length() {
    return length;
  }

  /** Takes what the runner wrote and passes on what is decided of it. */
  void mask(byte[] source, int from, int to, Bytes masked) {
    mask.feed(source, from, to, masked);
    taken += to - from;
  }

  /** Passes on what the mask holds back: the runner will write no more. */
  void unmask(Bytes masked) {
    mask.finish(masked);
  }

  /** How much of what the runner wrote was passed on by now. */
  long decided() {
    return taken - mask.heldBack();
  }

  /**
   * Makes what was passed on ready to be stored; null if that is nothing.
   *
   * @param masked not to be changed until it is stored
   * @param sourceEnd what {@link #decided} was behind the last of it
   * @param millis when it came, in milliseconds since 1970
   * @param meanwhile gets it, too, and is not to use the bytes once it returns
   */
  @Nullable Append pack(Bytes masked, long sourceEnd, long millis, Consumer<Piece.Kept> meanwhile) {
    if (masked.length() == 0) {
      return null;
    }
    arrived = Math.max(arrived, millis);
    Append append =
        Append.of(
            packed,
            packedNewlines + 1,
            masked,
            sourceEnd,
            arrived,
            limit.chunk(),
            border,
            meanwhile);
    packed = append.end();
    packedNewlines += append.newlines();
    return append;
  }

  /**
   * Stores what was packed, in the order in which it was.
   *
   * @throws FenceLost if another fence has the log or it is closed
   * @throws RuntimeException of Spring's data access if the database failed: call it again
   */
  void store(Append append) {
    Transactions.work(() -> commit(append));
    live.committed(id, append);
  }

  private void commit(Append append) {
    boolean fits = append.end() - droppedBytes <= limit.bytes();
    boolean stands = fits ? table.append(id.value(), fence, append) : commitAndDrop(append);
    if (!stands) {
      recognize(append);
    }
    length = append.end();
    stored = append.sourceEnd();
  }

  private boolean commitAndDrop(Append append) {
    Chunk gone =
        transactions.call(
            () -> {
              if (!table.append(id.value(), fence, append)) {
                return null;
              }
              table.markDropped(id.value());
              return chunks.drop(id.value(), headEnd, append.end() - limit.tailBehind(headEnd));
            });
    if (gone == null) {
      return false;
    }
    if (gone.bytes() > 0) {
      headEnd = droppedBytes == 0 ? gone.firstByte() : headEnd;
      droppedBytes += gone.bytes();
    }
    return true;
  }

  /** The row is not as it was: either this very append is in it already, or we lost the log. */
  private void recognize(Append append) {
    LogRow row = table.find(id.value()).orElseThrow(() -> new FenceLost(id, fence));
    boolean ours = row.fence() == fence && row.closedAt() == null;
    if (!ours || row.bytes() != append.end() || row.sourceBytes() != append.sourceEnd()) {
      throw new FenceLost(id, fence);
    }
    readDropped(row);
  }

  private void readDropped(LogRow row) {
    if (row.dropped()) {
      Chunk dropped = chunks.dropped(row.id()).orElseThrow();
      droppedBytes = dropped.bytes();
      headEnd = dropped.firstByte();
    }
  }
}
