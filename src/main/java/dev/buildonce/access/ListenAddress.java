package dev.buildonce.access;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.stereotype.Component;

/**
 * Holds the address the service listens on to {@code buildonce.access}. It looks when the web
 * server is made, which is before the database is started, so a refusal costs nothing.
 */
@Component
final class ListenAddress
    implements WebServerFactoryCustomizer<ConfigurableServletWebServerFactory> {

  private static final Logger log = LoggerFactory.getLogger(ListenAddress.class);

  private final AccessProperties access;
  private final ServerProperties server;

  ListenAddress(AccessProperties access, ServerProperties server) {
    this.access = access;
    this.server = server;
  }

  @Override
  public void customize(ConfigurableServletWebServerFactory factory) {
    var address = server.getAddress();
    if (access.access() == Access.OPEN) {
      log.warn(
          "buildonce.access is open: whoever reaches port {} of {} can run commands as the user {}",
          server.getPort(),
          address == null ? "any address of this machine" : address.getHostAddress(),
          System.getProperty("user.name"));
    } else if (address == null || !address.isLoopbackAddress()) {
      throw new NotLoopback(address == null ? "empty (any address)" : address.getHostAddress());
    } else {
      log.info(
          "Local builds run as the user {}: whoever reaches port {} of {} can run commands as that user",
          System.getProperty("user.name"),
          server.getPort(),
          address.getHostAddress());
    }
  }
}
