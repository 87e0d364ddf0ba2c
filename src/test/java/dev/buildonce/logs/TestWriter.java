package dev.buildonce.logs;

import org.jspecify.annotations.Nullable;

/**
 * Writes to a log by one thread, where {@link LogBatches} has two: what was appended is stored when
 * {@link #append} returns, but for an end that may turn out to be a secret.
 */
public final class TestWriter {

  private final LogWriter writer;
  private long arrived;
  private @Nullable Append pending;

  public TestWriter(LogWriter writer) {
    this.writer = writer;
  }

  public void append(byte[] source) {
    append(source, 0, source.length);
  }

  public void append(byte[] source, int from, int to) {
    append(source, from, to, System.currentTimeMillis());
  }

  /** Appends what came at a time, in milliseconds since 1970; if that fails, {@link #store}. */
  public void append(byte[] source, int from, int to, long millis) {
    if (pending != null) {
      throw new IllegalStateException("Store what was appended before");
    }
    arrived = millis;
    var masked = new Bytes();
    writer.mask(source, from, to, masked);
    pack(masked);
  }

  /** Stores what the mask holds back, too. */
  public void finish() {
    store();
    var masked = new Bytes();
    writer.unmask(masked);
    pack(masked);
  }

  private void pack(Bytes masked) {
    pending = writer.pack(masked, writer.decided(), arrived, _ -> {});
    store();
  }

  /** Stores what an append that failed did not. */
  public void store() {
    if (pending != null) {
      writer.store(pending);
      pending = null;
    }
  }

  /** What is written to by it. */
  public LogWriter writer() {
    return writer;
  }

  public long sourceOffset() {
    return writer.sourceOffset();
  }

  public long length() {
    return writer.length();
  }
}
