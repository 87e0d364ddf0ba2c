package dev.buildonce.access;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Listens as the configured connector would, on connections that can be looked at. It bounds their
 * number, and the time that the headers of a request may take: Jetty's own idle timeout starts anew
 * with every byte.
 */
final class LineConnector extends ServerConnector {
  /** The longest time that the headers of a request may take, from its first byte. */
  static final Duration HEADERS_TIME = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofSeconds(2);

  /** How many more connections than the bound are told so, or answered if they ask for health. */
  private static final int SURPLUS = 200;

  private static final Duration SURPLUS_IDLE = Duration.ofSeconds(2);

  private final int max;
  private volatile Scheduler.@Nullable Task look;

  private LineConnector(ServerConnector like, int max) {
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
    this.max = max;
    for (var made : getConnectionFactories()) {
      if (made instanceof HttpConfiguration.ConnectionFactory http) {
        http.getHttpConfiguration().addCustomizer(LineConnector::begin);
      }
    }
  }

  private static Request begin(Request request, HttpFields.Mutable answer) {
    var line = LineEndPoint.of(request);
    if (line != null) {
      line.begin(request);
    }
    return request;
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    lookLater();
  }

  @Override
  protected void doStop() throws Exception {
    var task = look;
    if (task != null) {
      task.cancel();
    }
    super.doStop();
  }

  private void lookLater() {
    look = getScheduler().schedule(this::look, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    for (var end : getConnectedEndPoints()) {
      if (end instanceof LineEndPoint line && line.isLate(HEADERS_TIME)) {
        line.close(new TimeoutException("The headers of a request take too long"));
      }
    }
    if (isRunning()) {
      lookLater();
    }
  }

  @Override
  protected void onEndPointOpened(EndPoint end) {
    super.onEndPointOpened(end);
    int open = getConnectedEndPoints().size();
    if (open > max + SURPLUS) {
      end.close();
    } else if (open > max && end instanceof LineEndPoint line) {
      line.setSurplus();
      line.setIdleTimeout(SURPLUS_IDLE.toMillis());
    }
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
    private final ConnectionBound bound;

    Customizer(ConnectionBound bound) {
      this.bound = bound;
    }

    @Override
    public void customize(JettyServletWebServerFactory factory) {
      factory.addServerCustomizers(this::customize);
    }

    private void customize(Server server) {
      server.setConnectors(
          Arrays.stream(server.getConnectors())
              .map(
                  connector ->
                      connector.getClass() == ServerConnector.class
                          ? new LineConnector((ServerConnector) connector, bound.connections())
                          : connector)
              .toArray(Connector[]::new));
    }
  }
}
