package dev.buildonce.runners;

/** A command that cannot be executed; the message says why in words for the build's author. */
public final class StartFailed extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Takes a reason such as {@code sh: not found}. */
  public StartFailed(String reason) {
    super(reason);
  }
}
