package dev.buildonce;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.buildonce.database.Transactions;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/**
 * A database of a test's own, with all migrations applied and nothing in it but what they put
 * there. Closing it closes the connections; the database itself goes with the test JVM's server.
 */
public final class TestDatabase implements AutoCloseable {

  private static final AtomicInteger MADE = new AtomicInteger();
  private static boolean migrated;

  private final TestServer server;
  private final String name;
  private final HikariDataSource pool;

  private TestDatabase(TestServer server, String name) {
    this.server = server;
    this.name = name;
    this.pool = new HikariDataSource(pool(server, name));
  }

  /** Makes another one: tens of milliseconds, once the server runs. */
  public static TestDatabase migrated() {
    TestServer server = TestServer.get();
    return new TestDatabase(server, make(server));
  }

  /** Where it is. */
  public String url() {
    return server.url(name);
  }

  public String user() {
    return server.user();
  }

  public String password() {
    return server.password();
  }

  /** Settings that make the service use it: {@code --spring.datasource.url=…} and so on. */
  public String[] arguments() {
    return new String[] {
      "--spring.datasource.url=" + url(),
      "--spring.datasource.username=" + user(),
      "--spring.datasource.password=" + password()
    };
  }

  /** A pool of up to 40 connections to it. */
  public DataSource dataSource() {
    return pool;
  }

  public JdbcClient jdbc() {
    return JdbcClient.create(pool);
  }

  /** Transactions of its connections; the lanes make no difference here. */
  public Transactions transactions() {
    return new Transactions(new DataSourceTransactionManager(pool));
  }

  /** Whether it is in a container, and not in an embedded server. */
  public static boolean inContainer() {
    return TestServer.get().container();
  }

  static int made() {
    return MADE.get();
  }

  /** Names a fresh database of the server, copied from one that was migrated once. */
  static synchronized String make(TestServer server) {
    JdbcClient admin = JdbcClient.create(source(server, "template1"));
    if (!migrated) {
      admin.sql("CREATE DATABASE migrated").update();
      Flyway.configure().dataSource(source(server, "migrated")).load().migrate();
      migrated = true;
    }
    String name = "test_" + MADE.incrementAndGet();
    admin.sql("CREATE DATABASE " + name + " TEMPLATE migrated").update();
    return name;
  }

  @Override
  public void close() {
    pool.close();
  }

  @Override
  public String toString() {
    return url();
  }

  private static HikariConfig pool(TestServer server, String name) {
    var config = new HikariConfig();
    config.setDataSource(source(server, name));
    config.setMaximumPoolSize(40);
    config.setMinimumIdle(0);
    config.setIdleTimeout(10_000);
    config.setConnectionTimeout(10_000);
    return config;
  }

  private static DataSource source(TestServer server, String database) {
    var source = new PGSimpleDataSource();
    source.setUrl(server.url(database));
    source.setUser(server.user());
    source.setPassword(server.password());
    return source;
  }
}
