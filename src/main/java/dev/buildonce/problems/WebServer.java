package dev.buildonce.problems;

import java.util.stream.Stream;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** What {@code server.*} settings cannot say about Jetty. */
@Component
final class WebServer implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {

  /**
   * How many connections may wait to be accepted. Thousands of pipelines ask at once when a shared
   * build starts, and with Jetty's 50 the system resets what comes on top. The kernel caps it
   * ({@code net.core.somaxconn}).
   */
  private static final int ACCEPT_QUEUE = 16_384;

  /** In bytes per second; what drips more slowly is refused before the deadline for a body. */
  private static final long MIN_REQUEST_RATE = 64;

  private final ObjectProvider<StandingHeaders> standing;

  WebServer(ObjectProvider<StandingHeaders> standing) {
    this.standing = standing;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    var problems = new JettyProblems(standing.orderedStream().toList());
    factory.addServerCustomizers(server -> customize(server, problems));
  }

  private static void customize(Server server, JettyProblems problems) {
    server.setErrorHandler(problems);
    var limits =
        new BodyLimits(
            BodyLimits.MAX_BYTES, BodyLimits.MAX_TIME, BodyMemory.ofThisProcess(), problems);
    var options = new ServerOptions();
    limits.setHandler(server.getHandler());
    options.setHandler(limits);
    server.setHandler(options);
    for (var connector : server.getConnectors()) {
      if (connector instanceof ServerConnector network) {
        network.setAcceptQueueSize(ACCEPT_QUEUE);
      }
      connector.getConnectionFactories().stream()
          .flatMap(
              made ->
                  made instanceof HttpConfiguration.ConnectionFactory http
                      ? Stream.of(http.getHttpConfiguration())
                      : Stream.empty())
          .forEach(WebServer::customize);
    }
  }

  private static void customize(HttpConfiguration http) {
    http.setMinRequestDataRate(MIN_REQUEST_RATE);
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
  }
}
