package dev.buildonce.access;

import jakarta.validation.constraints.Min;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may reach the service, and by which name.
 *
 * @param access who may call: local listens on loopback only, open lets in whoever reaches the port
 * @param hosts names that requests may ask for besides loopback, IP literals and the public URL's
 * @param maxConnections how many connections there may be at a time, if heap and open files allow
 *     as many; the next ones get 503, but for health and metrics
 * @param publicUrl what absolute links start with; by default what the request asked for
 */
@Validated
@ConfigurationProperties("buildonce")
record AccessProperties(
    @DefaultValue("local") Access access,
    @DefaultValue List<String> hosts,
    @DefaultValue("50000") @Min(1) int maxConnections,
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
