package dev.buildonce.logs;

import dev.buildonce.database.Transactions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends what a runner writes to a log, masked, under one fence. For one thread at a time.
 *
 * <p>Bytes that were appended are the writer's, also if storing them failed: then {@link #store} is
 * to be called until it succeeds, before anything else is appended. It never stores a byte twice,
 * whatever became of the commit that failed.
 */
public final class LogWriter {

  /** The longest chunk: 512 KiB. */
  public static final int MAX_CHUNK = 512 * 1024;

  /** The most that one append takes: two chunks in one commit, for who writes flat out. */
  public static final int MAX_APPEND = 2 * MAX_CHUNK;

  private final LogId id;
  private final long fence;
  private final LogLimit limit;
  private final MaskStream mask;
  private final Transactions transactions;
  private final LogTable table;
  private final ChunkTable chunks;
  private final LiveLogs live;
  private final Bytes masked = new Bytes();
  private long taken;
  private long stored;
  private long length;
  private long newlines;
  private long droppedBytes;
  private long headEnd;
  private long arrived;
  private @Nullable Append pending;

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
    this.stored = row.sourceBytes();
    this.length = row.bytes();
    this.newlines = row.newlines();
    this.headEnd = limit.head();
    readDropped(row);
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

  /** Appends a whole array that came just now, like {@link #append(byte[], int, int, long)}. */
  public void append(byte[] source) {
    append(source, 0, source.length);
  }

  /** Appends what came just now, like {@link #append(byte[], int, int, long)}. */
  public void append(byte[] source, int from, int to) {
    append(source, from, to, System.currentTimeMillis());
  }

  /**
   * Masks and stores bytes; they are committed when it returns, but for an end that may turn out to
   * be a secret.
   *
   * @param source holds them from {@code from} to before {@code to}, at most {@link #MAX_APPEND}
   * @param millis when they came, in milliseconds since 1970
   * @throws FenceLost if another fence has the log or it is closed
   * @throws RuntimeException of Spring's data access if the database failed: see {@link #store}
   */
  public void append(byte[] source, int from, int to, long millis) {
    if (to - from > MAX_APPEND) {
      throw new IllegalArgumentException(to - from + " bytes are too many for one append");
    }
    if (pending != null) {
      throw new IllegalStateException("Store what was appended before");
    }
    mask.feed(source, from, to, masked);
    taken += to - from;
    arrived = Math.max(arrived, millis);
    store();
  }

  /**
   * Stores what was appended and is not stored yet, if anything.
   *
   * @throws FenceLost if another fence has the log or it is closed
   * @throws RuntimeException of Spring's data access if the database failed: try again
   */
  public void store() {
    if (pending == null && masked.length() > 0) {
      pending =
          new Append(
              length,
              newlines + 1,
              masked.takeAll(),
              taken - mask.heldBack(),
              Arrivals.of(length, arrived));
    }
    Append append = pending;
    if (append != null) {
      Transactions.work(() -> commit(append));
      pending = null;
      live.committed(id, append.stretch());
    }
  }

  /**
   * Stores what the mask holds back, too: the runner will write no more.
   *
   * @throws FenceLost if another fence has the log or it is closed
   * @throws RuntimeException of Spring's data access if the database failed: call it again
   */
  public void finish() {
    store();
    mask.finish(masked);
    store();
  }

  private void commit(Append append) {
    // Before the transaction: its locks are for the database's work alone.
    List<Chunk> parts = append.chunks(limit.chunk(), headEnd);
    Chunk gone =
        transactions.call(
            () -> table.append(id.value(), fence, append) ? keep(append, parts) : null);
    if (gone == null) {
      recognize(append);
    } else if (gone.bytes() > 0) {
      headEnd = droppedBytes == 0 ? gone.firstByte() : headEnd;
      droppedBytes += gone.bytes();
    }
    length = append.end();
    newlines += append.newlines();
    stored = append.sourceEnd();
  }

  /** Inserts the chunks and answers with what had to be dropped for them, maybe of no bytes. */
  private Chunk keep(Append append, List<Chunk> parts) {
    parts.forEach(chunk -> chunks.insert(id.value(), chunk));
    if (append.end() - droppedBytes <= limit.bytes()) {
      return Chunk.NOTHING;
    }
    table.markDropped(id.value());
    return chunks.drop(id.value(), headEnd, append.end() - limit.tailBehind(headEnd));
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
