package dev.buildonce.logs;

import com.github.luben.zstd.ZstdException;
import dev.buildonce.database.Transactions;
import dev.buildonce.database.WorkLoop;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;

/**
 * Packs the small chunks of closed logs into longer ones, which take a fraction of the space. Every
 * replica does, each another log.
 */
/*
 * One transaction packs the chunks of one stretch, under the lock of the log's row, which a removal
 * takes as well. Each read is one statement, so it sees the chunks before or after, never both or
 * neither; and a crash leaves a log that is partly packed and reads the same.
 */
@Component
final class LogSealer extends WorkLoop {

  private static final Logger log = LoggerFactory.getLogger(LogSealer.class);

  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /** How many chunks become one at most: a build that wrote for minutes, byte by byte. */
  private static final int MAX_ROWS = 8192;

  private final Transactions transactions;
  private final LogTable table;
  private final ChunkTable chunks;

  LogSealer(Transactions transactions, LogTable table, ChunkTable chunks, MeterRegistry metrics) {
    super("log-sealing", INTERVAL, metrics);
    this.transactions = transactions;
    this.table = table;
    this.chunks = chunks;
  }

  @Override
  protected void turn() {
    while (isRunning() && sealNext()) {
      Thread.yield();
    }
  }

  /** Packs one stretch of a log; false if there is none to pack. */
  boolean sealNext() {
    return transactions.call(
        () -> {
          LogTable.Unsealed unsealed = table.lockUnsealed().orElse(null);
          if (unsealed == null) {
            return false;
          }
          long to = unsealed.bytes();
          try {
            to = pack(unsealed);
          } catch (ZstdException e) {
            log.error("Log {} cannot be read to be sealed; it stays as it is", unsealed.id(), e);
          }
          table.sealed(unsealed.id(), to, to >= unsealed.bytes());
          return true;
        });
  }

  /** Packs what is not sealed yet up to the length of one chunk, and says how far it came. */
  private long pack(LogTable.Unsealed unsealed) {
    List<Chunk> group = group(unsealed);
    if (group.isEmpty()) {
      return unsealed.bytes();
    }
    Chunk first = group.getFirst();
    Chunk last = group.getLast();
    if (first.codec() == Codec.DROPPED) {
      return first.end();
    }
    byte[] bytes = new byte[(int) (last.end() - first.firstByte())];
    var arrivals = Arrivals.UNKNOWN;
    for (Chunk chunk : group) {
      byte[] decoded = chunk.decoded();
      System.arraycopy(
          decoded, 0, bytes, (int) (chunk.firstByte() - first.firstByte()), decoded.length);
      arrivals = arrivals.then(chunk.arrivals());
    }
    var joined =
        Chunk.of(
            first.firstByte(),
            first.firstLine(),
            bytes.length,
            Newlines.count(bytes, 0, bytes.length),
            Packer.seal(bytes),
            arrivals);
    if ((group.size() > 1 || shorter(joined, first))
        && !chunks.replace(unsealed.id(), group.size(), joined)) {
      throw new OptimisticLockingFailureException(
          "The chunks of log " + unsealed.id() + " changed meanwhile");
    }
    return last.end();
  }

  /** The chunks to pack into one: those that follow each other up to the length of a chunk. */
  private List<Chunk> group(LogTable.Unsealed unsealed) {
    long from = unsealed.sealedBytes();
    var group = new ArrayList<Chunk>();
    for (Chunk chunk : chunks.from(unsealed.id(), from, LogWriter.MAX_CHUNK, MAX_ROWS)) {
      boolean fits =
          group.isEmpty()
              || chunk.codec() != Codec.DROPPED
                  && group.getFirst().codec() != Codec.DROPPED
                  && chunk.end() - group.getFirst().firstByte() <= LogWriter.MAX_CHUNK;
      if (!fits) {
        break;
      }
      group.add(chunk);
    }
    return group;
  }

  /** Whether it is worth to write a chunk anew. */
  private static boolean shorter(Chunk packed, Chunk before) {
    return length(packed) < length(before) - length(before) / 8;
  }

  private static int length(Chunk chunk) {
    return chunk.data() == null ? 0 : chunk.data().length;
  }
}
