package dev.buildonce.logs.web;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** gzip of which everything that was flushed can be read. */
final class LiveGzip extends GZIPOutputStream {

  LiveGzip(OutputStream out) throws IOException {
    super(out, 4096, true);
  }

  /** Frees the memory outside the heap, some 256 KiB, whether or not the stream was finished. */
  void discard() {
    def.end();
  }
}
