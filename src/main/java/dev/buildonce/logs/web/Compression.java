package dev.buildonce.logs.web;

import dev.buildonce.streams.Ending;
import dev.buildonce.streams.Signal;
import dev.buildonce.streams.Streams;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Enumeration;
import java.util.Locale;
import org.springframework.http.HttpHeaders;

/** Whether one answer is compressed, and the place that takes among those that may be. */
final class Compression {

  /** Below this, compressing is not worth it. */
  private static final long SHORT = 1024;

  /** Writes what is to be sent. */
  interface Content {
    Ending write(OutputStream out, Signal signal) throws IOException;
  }

  private final Streams streams;
  private final boolean gzip;
  private boolean placed;

  private Compression(Streams streams, boolean gzip, boolean placed) {
    this.streams = streams;
    this.gzip = gzip;
    this.placed = placed;
  }

  /** None. */
  static Compression none(Streams streams) {
    return new Compression(streams, false, false);
  }

  /**
   * As the request wants it, if there is a place.
   *
   * @param length of what is to be sent, as far as it is known
   */
  static Compression of(HttpServletRequest request, Streams streams, long length) {
    boolean wanted = length >= SHORT && wanted(request.getHeaders(HttpHeaders.ACCEPT_ENCODING));
    boolean placed = wanted && !request.getMethod().equals("HEAD") && streams.takeCompressor();
    return new Compression(streams, placed || wanted && request.getMethod().equals("HEAD"), placed);
  }

  boolean isOn() {
    return gzip;
  }

  /** Gives the place back, if it has one. */
  void release() {
    if (placed) {
      placed = false;
      streams.giveCompressorBack();
    }
  }

  /** Writes it, then gives the place back. */
  Ending write(OutputStream out, Content content, Signal signal) throws IOException {
    if (!gzip) {
      return content.write(out, signal);
    }
    LiveGzip compressed = null;
    try {
      compressed = new LiveGzip(out);
      Ending ending = content.write(compressed, signal);
      if (ending == Ending.WHOLE) {
        compressed.finish();
        out.flush();
      }
      return ending;
    } finally {
      if (compressed != null) {
        compressed.discard();
      }
      release();
    }
  }

  private static boolean wanted(Enumeration<String> headers) {
    while (headers.hasMoreElements()) {
      for (String coding : headers.nextElement().toLowerCase(Locale.ROOT).split(",", -1)) {
        String[] parts = coding.split(";", 2);
        if (parts[0].strip().equals("gzip") || parts[0].strip().equals("x-gzip")) {
          return parts.length == 1 || !parts[1].strip().matches("q\\s*=\\s*0(\\.0*)?");
        }
      }
    }
    return false;
  }
}
