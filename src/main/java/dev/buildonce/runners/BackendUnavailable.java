package dev.buildonce.runners;

import org.jspecify.annotations.Nullable;

/** The runner, or what stands between it and us, does not answer as it should; try again. */
public final class BackendUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final boolean mayRun;

  /** Takes what did not work; what was asked for may have been done all the same. */
  public BackendUnavailable(String message, @Nullable Throwable cause) {
    this(message, cause, true);
  }

  private BackendUnavailable(String message, @Nullable Throwable cause, boolean mayRun) {
    super(message, cause);
    this.mayRun = mayRun;
  }

  /** For an attempt that nobody was asked to start yet. */
  static BackendUnavailable beforeStart(Exception cause) {
    return new BackendUnavailable(String.valueOf(cause.getMessage()), cause, false);
  }

  /** False if it is known that nothing was started. */
  public boolean mayRun() {
    return mayRun;
  }
}
