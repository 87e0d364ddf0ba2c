package dev.buildonce.database;

/**
 * A Postgres and the database in it that we use.
 *
 * @param url a JDBC URL
 */
record Server(String url, String user, String password) {

  @Override
  public String toString() {
    return url.replaceAll("\\?.*", "");
  }
}
