package dev.buildonce.runners;

import org.jspecify.annotations.Nullable;

/** The runner, or what stands between it and us, does not answer as it should; try again. */
public final class BackendUnavailable extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Takes what did not work. */
  public BackendUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
