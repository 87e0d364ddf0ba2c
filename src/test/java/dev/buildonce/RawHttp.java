package dev.buildonce;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** One connection on which a test says exactly the bytes it wants to, HTTP or not. */
public final class RawHttp implements AutoCloseable {

  private final Socket socket;
  private final InputStream in;

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects to a port of this machine; that and reads wait at most {@code patience}. */
  public static RawHttp connect(int port, Duration patience) throws IOException {
    var socket = new Socket();
    int millis = Math.toIntExact(patience.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
    socket.setSoTimeout(millis);
    socket.setTcpNoDelay(true);
    return new RawHttp(socket);
  }

  /** Sends one message on a connection of its own and reads the answer. */
  public static Answer exchange(int port, String message) throws IOException {
    try (var http = connect(port, Duration.ofSeconds(60))) {
      http.send(message);
      return http.answer(message.startsWith("HEAD "));
    }
  }

  /** Sends these characters, each as one byte. */
  public RawHttp send(String message) throws IOException {
    return send(message.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawHttp send(byte[] message) throws IOException {
    socket.getOutputStream().write(message);
    socket.getOutputStream().flush();
    return this;
  }

  /** Reads the next answer; interim ones (100) are answers, too. */
  public Answer answer() throws IOException {
    return answer(false);
  }

  private Answer answer(boolean head) throws IOException {
    var statusLine = line();
    var parts = statusLine.split(" ", 3);
    if (!parts[0].startsWith("HTTP/1.") || parts.length < 2) {
      throw new IOException("No status line: " + statusLine);
    }
    int status = Integer.parseInt(parts[1]);
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (var line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(line.substring(0, colon), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    boolean empty = head || status < 200 || status == 204 || status == 304;
    return new Answer(status, headers, empty ? new byte[0] : body(headers));
  }

  /** Whether the server has nothing more to say and closes, within the patience given. */
  public boolean isClosedByServer() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true; // reset
    }
  }

  private byte[] body(Map<String, List<String>> headers) throws IOException {
    if (headers.containsKey("Content-Length")) {
      int length = Integer.parseInt(headers.get("Content-Length").getFirst());
      var body = in.readNBytes(length);
      if (body.length < length) {
        throw new EOFException("Body ended after " + body.length + " of " + length + " bytes");
      }
      return body;
    }
    if (!String.join(",", headers.getOrDefault("Transfer-Encoding", List.of()))
        .toLowerCase(Locale.ROOT)
        .contains("chunked")) {
      return in.readAllBytes();
    }
    var body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line().split(";")[0].strip(), 16);
      body.writeBytes(in.readNBytes(size));
      line();
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("Closed after: " + line.toString(StandardCharsets.ISO_8859_1));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /**
   * What the server said.
   *
   * @param headers by name, whatever its case
   */
  public record Answer(int status, Map<String, List<String>> headers, byte[] body) {

    /** All values of a header joined by commas, empty if there are none. */
    public String header(String name) {
      return String.join(", ", headers.getOrDefault(name, List.of()));
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }
}
