package dev.buildonce.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A scheme, host and port, as in an Origin header.
 *
 * @param scheme in lower case
 * @param host normalized
 * @param port never -1: the scheme's own when none was given
 */
record Origin(String scheme, String host, int port) {

  /** The origin of a URL, null if it has none (as {@code null}, the origin of a sandbox, has). */
  static @Nullable Origin of(String url) {
    try {
      return of(new URI(url));
    } catch (URISyntaxException _) {
      return null;
    }
  }

  static @Nullable Origin of(URI url) {
    var scheme = url.getScheme();
    var host = url.getHost();
    if (scheme == null || host == null) {
      return null;
    }
    scheme = scheme.toLowerCase(Locale.ROOT);
    int port = url.getPort() >= 0 ? url.getPort() : "https".equals(scheme) ? 443 : 80;
    return new Origin(scheme, Hosts.normalized(host), port);
  }
}
