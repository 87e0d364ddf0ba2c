package dev.buildonce;

import org.testcontainers.postgresql.PostgreSQLContainer;

/** The test JVM's running container, seen as one with a fresh database of its own in it. */
final class FreshDatabaseContainer extends PostgreSQLContainer {

  private final TestServer server = TestServer.get();
  private final String database = TestDatabase.make(server);

  FreshDatabaseContainer() {
    super(TestServer.IMAGE);
  }

  @Override
  public void start() {
    // It runs already.
  }

  @Override
  public void stop() {
    // Others go on using it.
  }

  @Override
  public boolean isRunning() {
    return true;
  }

  @Override
  public String getJdbcUrl() {
    return server.url(database);
  }

  @Override
  public String getUsername() {
    return server.user();
  }

  @Override
  public String getPassword() {
    return server.password();
  }
}
