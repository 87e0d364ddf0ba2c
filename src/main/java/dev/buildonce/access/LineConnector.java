package dev.buildonce.access;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Listens as the configured connector would, on connections that can be looked at. */
final class LineConnector extends ServerConnector {
  private LineConnector(ServerConnector like) {
    super(
        like.getServer(),
        like.getAcceptors(),
        like.getSelectorManager().getSelectorCount(),
        like.getConnectionFactories().toArray(ConnectionFactory[]::new));
    setDefaultProtocol(like.getDefaultProtocol());
    setHost(like.getHost());
    setPort(like.getPort());
    setIdleTimeout(like.getIdleTimeout());
    setAcceptQueueSize(like.getAcceptQueueSize());
    setShutdownIdleTimeout(like.getShutdownIdleTimeout());
  }

  @Override
  protected LineEndPoint newEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key) {
    LineEndPoint line = new LineEndPoint(channel, selector, key, getScheduler());
    line.setIdleTimeout(getIdleTimeout());
    return line;
  }

  /** Puts them in the place of the configured ones, when all else has been said of those. */
  @Component
  @Order(Ordered.LOWEST_PRECEDENCE)
  static final class Customizer
      implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {
    @Override
    public void customize(JettyServletWebServerFactory factory) {
      factory.addServerCustomizers(Customizer::customize);
    }

    private static void customize(Server server) {
      server.setConnectors(
          Arrays.stream(server.getConnectors())
              .map(
                  connector ->
                      connector.getClass() == ServerConnector.class
                          ? new LineConnector((ServerConnector) connector)
                          : connector)
              .toArray(Connector[]::new));
    }
  }
}
