package dev.buildonce.logs;

import dev.buildonce.database.Transactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Append-only logs of bytes. Appends are fenced, reads see committed bytes only, and any byte or
 * line is found by one indexed read.
 */
@Component
public final class Logs implements SmartLifecycle {

  private final Transactions transactions;
  private final LogTable table;
  private final ChunkTable chunks;
  private final LiveLogs live;
  private final LogReader reader;
  private final LogPoller poller;

  Logs(
      Transactions transactions,
      LogTable table,
      ChunkTable chunks,
      MeterRegistry metrics,
      LogsProperties properties) {
    this.transactions = transactions;
    this.table = table;
    this.chunks = chunks;
    this.live = new LiveLogs(properties.recentBytes().toBytes());
    this.reader = new LogReader(live, chunks);
    this.poller = new LogPoller(live, table, metrics);
  }

  /** Creates an empty log, in the caller's transaction. */
  public LogId create() {
    return new LogId(table.insert());
  }

  /**
   * Lets only this fence append from now on, in the caller's transaction.
   *
   * @throws FenceLost if the log is closed or has a higher fence
   */
  public void fence(LogId id, long fence) {
    if (!table.fence(id.value(), fence)) {
      throw new FenceLost(id, fence);
    }
  }

  /**
   * A writer that goes on where the log ends.
   *
   * @param limit how much is kept
   * @param mask the secrets that are not to be shown
   * @throws FenceLost if the log has another fence or is closed
   */
  public LogWriter writer(LogId id, long fence, LogLimit limit, Mask mask) {
    LogRow row = Transactions.work(() -> table.find(id.value())).orElse(null);
    if (row == null || row.fence() != fence || row.closedAt() != null) {
      throw new FenceLost(id, fence);
    }
    return new LogWriter(row, limit, mask, transactions, table, chunks, live);
  }

  /**
   * Closes the log, in the caller's transaction: when it commits, no append succeeds any more.
   *
   * @throws FenceLost if the log has another fence or is closed
   */
  public LogTotal close(LogId id, long fence) {
    LogRow row = table.close(id.value(), fence).orElseThrow(() -> new FenceLost(id, fence));
    return new LogTotal(row.bytes(), row.lines());
  }

  /** Tells who watches a log that its closing is committed; elsewhere they see it by themselves. */
  public void published(LogId id) {
    if (live.find(id.value()) != null) {
      poller.lookNow();
    }
  }

  /**
   * Takes the bytes of a closed log away for good, in the caller's transaction. Its length and
   * lines stay known; who reads it from now on is told that it was removed.
   */
  public void remove(LogId id) {
    table.removeBytes(id.value());
  }

  /** Deletes a closed log that belongs to no attempt any more, in the caller's transaction. */
  public void delete(LogId id) {
    table.delete(id.value());
  }

  /**
   * Gives up closed logs that belong to no attempt any more, in the caller's transaction: who reads
   * one is told that it was removed, and {@link LogSweep} takes its bytes away.
   */
  public void abandon(Collection<LogId> ids) {
    table.abandon(ids.stream().map(LogId::value).toList());
  }

  /** Notes that logs were of use just now, in the caller's transaction. */
  public void used(Collection<LogId> ids) {
    table.used(ids.stream().map(LogId::value).toList());
  }

  /**
   * Watches a log.
   *
   * @param onChange called by the writer's thread when there is more to read or the log is closed;
   *     it must be quick, and must neither block nor throw
   */
  public LogTail tail(LogId id, Runnable onChange) {
    var tail = new LogTail(id, live, reader, onChange);
    try {
      if (tail.length() == 0 && !tail.closed()) {
        tail.log().learn(row(id));
      }
    } catch (RuntimeException e) {
      tail.close();
      throw e;
    }
    poller.watched();
    return tail;
  }

  /** What is known of a log, read from the database. */
  public LogInfo info(LogId id) {
    LogRow row = row(id);
    LiveLog watched = live.find(id.value());
    if (watched != null) {
      watched.learn(row);
    }
    return row.info();
  }

  /**
   * Lines of what is stored of a log.
   *
   * @param from the number of the first one, 1 or more
   * @param count how many, 1 or more
   * @param maxBytes about how many bytes they may have in all; one line is always there
   * @throws LogRemoved if the log was removed
   */
  public LogPage lines(LogInfo info, long from, int count, int maxBytes) {
    if (info.removed()) {
      throw new LogRemoved();
    }
    return new LineReader(reader, info).page(from, count, maxBytes);
  }

  /**
   * A search of what is stored of a log now.
   *
   * @param from the number of the first line to look at, 1 or more
   * @param limit how many of the lines found are listed
   * @param buckets into how many parts of equally many lines the lines found are counted, or 0
   * @param most how long it may take
   * @throws LogRemoved if the log was removed; from its steps, too
   */
  public LogSearch search(
      LogInfo info, LogQuery query, long from, int limit, int buckets, Duration most) {
    if (info.removed()) {
      throw new LogRemoved();
    }
    return new LogSearch(reader, info, query, from, limit, buckets, most);
  }

  /**
   * Reads a log, also while it is written, in blocks of whole lines.
   *
   * @param from the offset to begin at
   * @param to the offset to end before
   */
  public LogBlocks blocks(LogId id, long from, long to, LogBlocks.Taker taker) {
    return new LogBlocks(reader, id, from, to, taker);
  }

  /**
   * The folds that a build marked in what is stored of its log.
   *
   * @param most how long it may take to find them
   * @throws LogRemoved if the log was removed
   */
  public LogFolds folds(LogInfo info, Duration most) {
    if (info.removed()) {
      throw new LogRemoved();
    }
    return new FoldFinder(reader, info).find(System.nanoTime() + most.toNanos());
  }

  /** The stretch of a log that was not kept, null if all was. */
  public Piece.@Nullable Dropped dropped(LogInfo info) {
    return info.dropped()
        ? chunks
            .dropped(info.id().value())
            .map(
                chunk ->
                    new Piece.Dropped(
                        chunk.firstByte(), chunk.firstLine(), chunk.end(), chunk.newlines()))
            .orElse(null)
        : null;
  }

  /**
   * Where the last lines of a log begin.
   *
   * @param lines how many, 0 or more
   * @return an offset; that of the dropped stretch if they begin within it
   */
  public long tailStart(LogInfo info, long lines) {
    if (lines >= info.lines()) {
      return 0;
    }
    return lines <= 0 ? info.bytes() : lineStart(info.id(), info.lines() - lines + 1);
  }

  /** Watches on until those are gone who are told what it sees. */
  @Override
  public int getPhase() {
    return DEFAULT_PHASE - 2;
  }

  @Override
  public void start() {
    poller.start();
  }

  @Override
  public void stop() {
    poller.stop();
  }

  @Override
  public boolean isRunning() {
    return poller.isRunning();
  }

  /** How many logs are watched here. */
  int watched() {
    return live.size();
  }

  /** What recent bytes take in memory. */
  long recentBytes() {
    return live.recent().weight();
  }

  private long lineStart(LogId id, long line) {
    Chunk chunk = chunks.before(id.value(), line).orElse(null);
    if (chunk == null || chunk.codec() == Codec.DROPPED) {
      return chunk == null ? 0 : chunk.firstByte();
    }
    return chunk.firstByte() + Newlines.after(chunk.decoded(), line - chunk.firstLine());
  }

  private LogRow row(LogId id) {
    // Its row goes with a build that is forgotten.
    return table.find(id.value()).orElseThrow(LogRemoved::new);
  }
}
