package dev.buildonce.access;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * How many connections there may be at a time: as many as configured, unless the heap or the files
 * that this process may open hold fewer. Beyond the latter nothing could be accepted, and no build
 * started.
 */
@Component
final class ConnectionBound {

  private static final Logger log = LoggerFactory.getLogger(ConnectionBound.class);

  /**
   * What a connection takes of the heap in bytes, with headers that are as large as they may be.
   */
  private static final long HEAP = 32 << 10;

  private final int connections;

  ConnectionBound(AccessProperties properties) {
    var system = ManagementFactory.getOperatingSystemMXBean();
    long files =
        system instanceof UnixOperatingSystemMXBean unix
            ? unix.getMaxFileDescriptorCount()
            : Long.MAX_VALUE;
    connections = least(properties.maxConnections(), files, Runtime.getRuntime().maxMemory());
    if (connections < properties.maxConnections()) {
      log.info(
          "At most {} connections at a time: {} files may be open, the heap has {} MB at most",
          connections,
          files,
          Runtime.getRuntime().maxMemory() >> 20);
    }
  }

  /** The bound for a process with as many files and bytes of heap; a part of the files is ours. */
  static int least(int configured, long files, long heap) {
    long spare = Math.max(files / 10, Math.min(files / 2, 500));
    return (int) Math.min(configured, Math.min(files - spare, heap / HEAP));
  }

  int connections() {
    return connections;
  }
}
