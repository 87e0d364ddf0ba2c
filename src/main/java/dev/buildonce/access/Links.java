package dev.buildonce.access;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes absolute URLs: from the public URL if one is set, else from what the request asked for. */
@Component
public final class Links {

  private final @Nullable String publicUrl;

  Links(AccessProperties properties) {
    var url = properties.publicUrl();
    publicUrl = url == null ? null : url.toString().replaceAll("/+$", "");
  }

  /** Where the links of the answer to this request start; outlives the request. */
  public Base of(HttpServletRequest request) {
    if (publicUrl != null) {
      return new Base(publicUrl);
    }
    var scheme = request.getScheme();
    int port = request.getServerPort();
    boolean usual = port <= 0 || port == ("https".equals(scheme) ? 443 : 80);
    return new Base(scheme + "://" + request.getServerName() + (usual ? "" : ":" + port));
  }

  /**
   * Where links start.
   *
   * @param url scheme, host, port and a proxy's path, without a slash at its end
   */
  public record Base(String url) {

    /** The absolute URL of a path, which starts with a slash and is encoded already. */
    public String to(String path) {
      return url + path;
    }
  }
}
