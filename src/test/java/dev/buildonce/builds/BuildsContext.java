package dev.buildonce.builds;

import dev.buildonce.TestDatabase;
import dev.buildonce.builders.Builders;
import dev.buildonce.database.Disk;
import dev.buildonce.database.Home;
import dev.buildonce.database.TestDisk;
import dev.buildonce.database.TestHome;
import dev.buildonce.database.Transactions;
import dev.buildonce.leases.Queues;
import dev.buildonce.revisions.Wakeups;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/**
 * The modules below HTTP and above runners, on a database of their own: nothing happens in there
 * but what a test does.
 */
final class BuildsContext implements AutoCloseable {
  private final TestDatabase database;
  private final boolean owned;
  private final Path home = temporary();
  private final Map<String, Queues.Queue> queues = new ConcurrentHashMap<>();
  private final Builders builders = Builders.of("none", List.of());
  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext();

  /** With settings such as {@code buildonce.keep.attempts=3}. */
  BuildsContext(String... settings) {
    this(TestDatabase.migrated(), true, null, settings);
  }

  /** One of several on a database that the test closes. */
  BuildsContext(TestDatabase database, Transactions transactions) {
    this(database, false, transactions);
  }

  private BuildsContext(
      TestDatabase database, boolean owned, @Nullable Transactions given, String... settings) {
    this.database = database;
    this.owned = owned;
    TestPropertyValues.of(settings).applyTo(context);
    context.registerBean(JdbcClient.class, database::jdbc);
    context.registerBean(Transactions.class, () -> given == null ? database.transactions() : given);
    context.registerBean(Builders.class, () -> builders);
    // Closed with the context, like any bean that can be.
    context.registerBean(Home.class, () -> TestHome.in(home));
    context.registerBean(Disk.class, () -> TestDisk.with(() -> new Disk.Room(1 << 30, 1 << 30)));
    context.registerBean(Queues.class, () -> new Queues(queues));
    context.register(Beans.class);
    context.refresh();
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("buildonce-home");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConfigurationPropertiesScan({
    "dev.buildonce.builds",
    "dev.buildonce.logs",
    "dev.buildonce.trends"
  })
  @ComponentScan(
      basePackages = {
        "dev.buildonce.builds",
        "dev.buildonce.leases",
        "dev.buildonce.logs",
        "dev.buildonce.revisions",
        "dev.buildonce.trends"
      },
      excludeFilters =
          @ComponentScan.Filter(
              type = FilterType.REGEX,
              pattern =
                  ".*\\.web\\..*|.*RetentionSweep|.*TrendKeeping|.*LogSealer|.*Tests.*|.*IT.*"))
  static class Beans {
    @Bean
    MeterRegistry registry() {
      return new SimpleMeterRegistry();
    }
  }

  <T> T get(Class<T> type) {
    return context.getBean(type);
  }

  JdbcClient jdbc() {
    return get(JdbcClient.class);
  }

  Builders builders() {
    return builders;
  }

  Wakeups wakeups() {
    return get(Wakeups.class);
  }

  /** Has a pool with room for so many queued attempts. */
  void pool(String name, int maxQueued) {
    queues.put(name, new Queues.Queue(Duration.ofHours(1), maxQueued));
  }

  @Override
  public void close() {
    context.close();
    if (owned) {
      database.close();
    }
    try {
      FileSystemUtils.deleteRecursively(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
