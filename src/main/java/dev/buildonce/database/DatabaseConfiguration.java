package dev.buildonce.database;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * Decides at start which Postgres is used, and puts two pools in front of it. Each bean takes what
 * it needs as a parameter, so they are closed in the order pools, embedded server, home.
 */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

  @Bean
  Home home(HomeProperties properties) {
    return new Home(properties.directory());
  }

  @Bean
  Disk disk(Home home, DiskProperties properties, ObjectProvider<MeterRegistry> metrics) {
    return Disk.of(home, properties.freeDisk(), registry(metrics));
  }

  @Bean
  WorkLoop diskWatch(Disk disk, ObjectProvider<MeterRegistry> metrics) {
    return disk.watch(registry(metrics));
  }

  private static MeterRegistry registry(ObjectProvider<MeterRegistry> metrics) {
    return metrics.getIfAvailable(SimpleMeterRegistry::new);
  }

  @Bean
  DiskHealth diskHealthIndicator(Disk disk) {
    return new DiskHealth(disk);
  }

  @Bean
  DatabaseServer databaseServer(
      Home home,
      DatabaseProperties settings,
      DataSourceProperties external,
      ObjectProvider<JdbcConnectionDetails> details) {
    JdbcConnectionDetails given = details.getIfAvailable();
    if (given != null) {
      return DatabaseServer.external(
          new Server(given.getJdbcUrl(), text(given.getUsername()), text(given.getPassword())),
          settings);
    }
    String url = external.getUrl();
    if (url != null && !url.isBlank()) {
      return DatabaseServer.external(
          new Server(url, text(external.getUsername()), text(external.getPassword())), settings);
    }
    Path binaries =
        settings.binariesDir() == null
            ? home.directory("postgres")
            : Path.of(settings.binariesDir()).toAbsolutePath();
    return DatabaseServer.embedded(home, binaries, settings);
  }

  @Bean
  ConnectionPools connectionPools(
      DatabaseServer server, DatabaseProperties settings, ObjectProvider<MeterRegistry> metrics) {
    return new ConnectionPools(server.address(), settings, metrics.getIfAvailable());
  }

  @Bean
  @Primary
  DataSource dataSource(ConnectionPools pools) {
    return new LaneDataSource(pools);
  }

  /** Migrations may take long: no timeouts but that of the network's own. */
  @Bean(defaultCandidate = false)
  @FlywayDataSource
  DataSource migrations(DatabaseServer server) throws SQLException {
    return Connections.source(server.address(), "migration", Duration.ZERO);
  }

  @Bean
  Connections connections(DatabaseServer server) {
    return new Connections(server.address());
  }

  @Bean
  DatabaseHealth databaseHealthIndicator(Connections connections) {
    return new DatabaseHealth(connections);
  }

  /**
   * Throws what a failed commit met; Spring Boot's would try a rollback, and throw what that met.
   */
  @Bean
  PlatformTransactionManager transactionManager(DataSource dataSource) {
    return new DataSourceTransactionManager(dataSource);
  }

  @Bean
  Transactions transactions(PlatformTransactionManager manager) {
    return new Transactions(manager);
  }

  private static String text(@Nullable String value) {
    return Optional.ofNullable(value).orElse("");
  }
}
