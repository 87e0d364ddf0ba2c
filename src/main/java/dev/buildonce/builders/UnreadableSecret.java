package dev.buildonce.builders;

import java.io.IOException;
import java.nio.file.Path;

/** A file that a builder's environment takes a secret from cannot be read. */
public final class UnreadableSecret extends Exception {

  private static final long serialVersionUID = 1;

  private final String variable;
  private final transient Path file;

  UnreadableSecret(String variable, Path file, String why) {
    super("The secret for %s cannot be read from %s: %s".formatted(variable, file, why));
    this.variable = variable;
    this.file = file;
  }

  UnreadableSecret(String variable, Path file, IOException cause) {
    this(variable, file, cause.getClass().getSimpleName());
    initCause(cause);
  }

  /** Name of the environment variable. */
  public String variable() {
    return variable;
  }

  /** The file that the builder names. */
  public Path file() {
    return file;
  }
}
