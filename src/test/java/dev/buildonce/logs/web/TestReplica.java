package dev.buildonce.logs.web;

import dev.buildonce.logs.Logs;
import dev.buildonce.logs.LogsDatabase;
import dev.buildonce.streams.Streams;
import dev.buildonce.streams.ViewersProperties;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;

/** A web server of ours that answers with the logs of some attempts. */
final class TestReplica implements AutoCloseable {

  private final ServletWebServerApplicationContext context;

  private TestReplica(ServletWebServerApplicationContext context) {
    this.context = context;
  }

  static TestReplica start(Logs logs, TestAttempts attempts, Object... settings) {
    Map<String, Object> properties = new HashMap<>();
    properties.put("server.port", 0);
    properties.put("spring.main.banner-mode", "off");
    properties.put("spring.flyway.enabled", false);
    properties.put("spring.data.jdbc.repositories.enabled", false);
    properties.put("management.endpoint.health.validate-group-membership", false);
    properties.put("logging.level.root", "warn");
    for (int i = 0; i < settings.length; i += 2) {
      properties.put((String) settings[i], settings[i + 1]);
    }
    String[] arguments =
        properties.entrySet().stream()
            .map(each -> "--" + each.getKey() + "=" + each.getValue())
            .toArray(String[]::new);
    return new TestReplica(
        (ServletWebServerApplicationContext)
            new SpringApplicationBuilder(Beans.class)
                .initializers(
                    fresh -> {
                      var beans = (GenericApplicationContext) fresh;
                      beans.registerBean(Logs.class, () -> logs);
                      beans.registerBean(TestAttempts.class, () -> attempts);
                    })
                .run(arguments));
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  int port() {
    return Objects.requireNonNull(context.getWebServer()).getPort();
  }

  double viewers() {
    return context.getBean(MeterRegistry.class).get("buildonce.viewers").gauge().value();
  }

  @Override
  public void close() {
    context.close();
  }

  @TestConfiguration
  @EnableAutoConfiguration
  @ComponentScan("dev.buildonce.problems")
  @Import(Streams.class)
  static class Beans {

    @Bean
    DataSource dataSource() {
      return new DelegatingDataSource(LogsDatabase.dataSource());
    }

    @Bean
    ViewersProperties viewersProperties(Environment settings) {
      return new ViewersProperties(
          settings.getProperty("test.max", Integer.class, 5000),
          settings.getProperty("test.heartbeat", Duration.class, Duration.ofSeconds(12)),
          settings.getProperty("test.sign-of-life", Duration.class, Duration.ofSeconds(30)));
    }

    @Bean
    SimpleUrlHandlerMapping handlers(
        Logs logs, Streams streams, ViewersProperties properties, TestAttempts attempts) {
      var answers = new LogAnswers(logs, streams, properties);
      return new SimpleUrlHandlerMapping(Map.of("/log/*", new Handler(answers, attempts)), -1);
    }
  }

  private record Handler(LogAnswers answers, TestAttempts attempts) implements HttpRequestHandler {

    @Override
    public void handleRequest(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      int attempt = Integer.parseInt(request.getRequestURI().substring("/log/".length()));
      String accept = Objects.requireNonNullElse(request.getHeader("Accept"), "");
      if (accept.equals("text/event-stream")) {
        EventPosition position = EventPosition.of(request.getHeader("Last-Event-ID"));
        answers.events(
            request,
            response,
            attempts,
            position == null ? EventPosition.startOf(attempt) : position,
            detail -> "{\"status\":\"" + detail + "\"}");
      } else if (request.getMethod().equals("POST")) {
        response.setStatus(202);
        answers.narrated(
            request, response, attempts, attempt, new Lines(), number(request, "tail"));
      } else {
        Long offset = number(request, "offset");
        answers.text(
            request,
            response,
            attempts,
            attempt,
            new TextOptions(
                !"false".equals(request.getParameter("follow")),
                offset == null ? 0 : offset,
                number(request, "tail"),
                "true".equals(request.getParameter("timestamps"))));
      }
    }

    private static @Nullable Long number(HttpServletRequest request, String name) {
      String value = request.getParameter(name);
      return value == null ? null : Long.valueOf(value);
    }
  }

  private record Lines() implements Narration<String> {
    @Override
    public String removed() {
      return "# removed";
    }

    @Override
    public String opening(String now) {
      return "buildonce: " + now;
    }

    @Override
    public String changed(String before, String now) {
      return "buildonce: from " + before + " to " + now;
    }

    @Override
    public String silence(String now) {
      return "buildonce: still " + now;
    }

    @Override
    public String verdict(String last) {
      return "buildonce: " + last;
    }

    @Override
    public boolean cut(String last) {
      return !last.endsWith("succeeded");
    }
  }
}
