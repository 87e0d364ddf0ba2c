package dev.buildonce.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads and writes the lines of the protocol, none longer than {@link Protocol#MAX_LINE}. */
public final class Lines {

  private final ReadableByteChannel channel;
  private byte[] bytes = new byte[8 << 10];
  private int start;
  private int end;

  /** Reads from that channel. */
  public Lines(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /**
   * The next line without its end, or null after the last.
   *
   * @throws IOException if it cannot be read, or is too long
   */
  public @Nullable String next() throws IOException {
    int looked = start;
    while (true) {
      for (; looked < end; looked++) {
        if (bytes[looked] == '\n') {
          var line = new String(bytes, start, looked - start, StandardCharsets.ISO_8859_1);
          start = looked + 1;
          return line;
        }
      }
      looked -= start;
      makeRoom();
      int read = channel.read(ByteBuffer.wrap(bytes, end, bytes.length - end));
      if (read < 0) {
        return null;
      }
      end += read;
    }
  }

  private void makeRoom() throws IOException {
    if (start > 0) {
      System.arraycopy(bytes, start, bytes, 0, end - start);
      end -= start;
      start = 0;
    }
    if (end == bytes.length) {
      if (end >= Protocol.MAX_LINE) {
        throw new IOException("a line is too long");
      }
      bytes = Arrays.copyOf(bytes, Math.min(Protocol.MAX_LINE, 2 * bytes.length));
    } else if (end == 0 && bytes.length > 1 << 20) {
      bytes = new byte[8 << 10];
    }
  }

  /** Writes whole lines. */
  public static void write(WritableByteChannel channel, CharSequence lines) throws IOException {
    var data = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.ISO_8859_1));
    while (data.hasRemaining()) {
      channel.write(data);
    }
  }
}
