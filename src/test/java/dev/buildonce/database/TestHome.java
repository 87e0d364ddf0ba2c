package dev.buildonce.database;

import java.nio.file.Path;

/** Homes for tests of other modules. */
public final class TestHome {

  private TestHome() {}

  /** A home in a directory, which is made and held until it is closed. */
  public static Home in(Path directory) {
    return new Home(directory.toString());
  }
}
