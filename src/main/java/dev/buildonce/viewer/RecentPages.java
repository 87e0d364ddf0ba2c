package dev.buildonce.viewer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/**
 * Pages that were made in the last seconds, to be sent again as long as nothing changed: whoever
 * looks at the list asks for it every second, and mostly there is nothing new.
 */
final class RecentPages {
  /** For what changes without a change of a build: trends, builders, pending reasons. */
  private static final long FRESH = Duration.ofSeconds(4).toNanos();

  private static final int MOST = 32;
  private static final int LONGEST = 256 * 1024;

  private final Map<String, Made> pages =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Made> eldest) {
          return size() > MOST;
        }
      };

  private record Made(String stamp, long at, ResponseEntity<byte[]> page) {}

  /**
   * A page.
   *
   * @param name of the page and all that it was asked for
   * @param stamp of what it shows, taken before it is made
   * @param make it anew
   */
  ResponseEntity<byte[]> page(String name, String stamp, Supplier<ResponseEntity<byte[]>> make) {
    Made made = made(name);
    if (made != null && made.stamp().equals(stamp) && System.nanoTime() - made.at() < FRESH) {
      return made.page();
    }
    long at = System.nanoTime();
    ResponseEntity<byte[]> page = make.get();
    byte[] body = page.getBody();
    if (body != null && body.length <= LONGEST) {
      keep(name, new Made(stamp, at, page));
    }
    return page;
  }

  private synchronized @Nullable Made made(String name) {
    return pages.get(name);
  }

  private synchronized void keep(String name, Made made) {
    pages.put(name, made);
  }
}
