package dev.buildonce.database;

/** Why the service does not start, and what the person who starts it can do about it. */
final class StartRefused extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String action;

  StartRefused(String description, String action) {
    super(description);
    this.action = action;
  }

  StartRefused(String description, String action, Throwable cause) {
    super(description, cause);
    this.action = action;
  }

  String action() {
    return action;
  }
}
