package dev.buildonce.access;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may reach the service, and by which name.
 *
 * @param access who may call: local listens on loopback only, open lets in whoever reaches the port
 * @param hosts names that requests may ask for besides loopback, IP literals and the public URL's
 * @param publicUrl what absolute links start with; by default what the request asked for
 */
@ConfigurationProperties("buildonce")
record AccessProperties(
    @DefaultValue("local") Access access,
    @DefaultValue List<String> hosts,
    @Nullable URI publicUrl) {

  AccessProperties {
    hosts = hosts.stream().filter(host -> !host.isBlank()).map(Hosts::normalized).toList();
    if (publicUrl != null && publicUrl.toString().isBlank()) {
      publicUrl = null;
    }
    if (publicUrl != null && !isBase(publicUrl)) {
      throw new IllegalArgumentException(
          "buildonce.public-url is " + publicUrl + ", but must be as https://ci.example.com");
    }
  }

  private static boolean isBase(URI url) {
    return ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
        && url.getHost() != null
        && url.getRawUserInfo() == null
        && url.getRawQuery() == null
        && url.getRawFragment() == null;
  }
}
