package dev.buildonce.database;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The Postgres in use: somebody else's, or ours, which goes when this is closed. */
final class DatabaseServer implements AutoCloseable {

  private final Server address;
  private final @Nullable EmbeddedPostgres embedded;

  private DatabaseServer(Server address, @Nullable EmbeddedPostgres embedded) {
    this.address = address;
    this.embedded = embedded;
  }

  static DatabaseServer external(Server address, DatabaseProperties settings) {
    new ServerCheck(address).run(settings.startWait());
    return new DatabaseServer(address, null);
  }

  static DatabaseServer embedded(Home home, Path binaries, DatabaseProperties settings) {
    // Room for the pools, listeners, migrations, and a person with psql.
    int connections = settings.asksConnections() + settings.workConnections() + 20;
    var embedded = new EmbeddedPostgres(home, binaries, connections);
    return new DatabaseServer(embedded.server(), embedded);
  }

  Server address() {
    return address;
  }

  @Override
  public void close() {
    if (embedded != null) {
      embedded.close();
    }
  }
}
