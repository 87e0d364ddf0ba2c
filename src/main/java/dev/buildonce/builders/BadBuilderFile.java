package dev.buildonce.builders;

/** What is wrong with a builder file, and where. */
final class BadBuilderFile extends Exception {

  private static final long serialVersionUID = 1;

  BadBuilderFile(int line, String message) {
    super("line " + line + ": " + message);
  }

  BadBuilderFile(String message) {
    super(message);
  }
}
