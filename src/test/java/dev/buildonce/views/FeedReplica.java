package dev.buildonce.views;

import dev.buildonce.TestDatabase;
import dev.buildonce.builds.StandingOutcomes;
import dev.buildonce.database.Transactions;
import dev.buildonce.logs.web.EventReader;
import dev.buildonce.logs.web.EventReader.Event;
import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Wakeups;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.transaction.PlatformTransactionManager;

/** A replica that has nothing but the feed, on a database that others are on, too. */
final class FeedReplica implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final ServletWebServerApplicationContext context;

  private FeedReplica(ServletWebServerApplicationContext context) {
    this.context = context;
  }

  static FeedReplica start(TestDatabase database) {
    return new FeedReplica(
        (ServletWebServerApplicationContext)
            new SpringApplicationBuilder(Beans.class)
                .initializers(
                    fresh ->
                        ((GenericApplicationContext) fresh)
                            .registerBean(TestDatabase.class, () -> database))
                .run(
                    "--server.port=0",
                    "--spring.main.banner-mode=off",
                    "--spring.flyway.enabled=false",
                    "--spring.data.jdbc.repositories.enabled=false",
                    "--management.endpoint.health.validate-group-membership=false",
                    "--logging.level.root=warn"));
  }

  int port() {
    return Objects.requireNonNull(context.getWebServer()).getPort();
  }

  /** Publishes changes in one transaction, and wakes who follows here. */
  void publish(List<Change> changes) {
    new Transactions(context.getBean(PlatformTransactionManager.class))
        .run(() -> context.getBean(Revisions.class).publish(changes));
    changes.forEach(change -> context.getBean(Wakeups.class).wake(change.buildId()));
  }

  HttpResponse<InputStream> get(String query, String... headers) throws IOException {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/events" + query));
    try {
      return HTTP.send(
          (headers.length == 0 ? request : request.headers(headers)).build(),
          BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Follows from the place behind an id, or as the query says if that is null. */
  EventReader follow(String query, String lastId) throws IOException {
    return new EventReader(
        (lastId == null ? get(query) : get(query, "Last-Event-ID", lastId)).body());
  }

  /** The next change; null at the end of the stream. */
  static @Nullable Event change(EventReader events) throws IOException {
    Event event = events.next();
    while (event != null && event.name().equals("progress")) {
      event = events.next();
    }
    return event;
  }

  @Override
  public void close() {
    context.close();
  }

  @TestConfiguration
  @EnableAutoConfiguration
  @ComponentScan(
      basePackages = {
        "dev.buildonce.problems",
        "dev.buildonce.revisions",
        "dev.buildonce.streams",
        "dev.buildonce.views"
      },
      // It has no home that could have been restored.
      excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\.Epoch"))
  @ConfigurationPropertiesScan("dev.buildonce.streams")
  @Import(StandingOutcomes.class)
  static class Beans {

    /** Not closed with the replica. */
    @Bean
    DataSource dataSource(TestDatabase database) {
      return new DelegatingDataSource(database.dataSource());
    }
  }
}
