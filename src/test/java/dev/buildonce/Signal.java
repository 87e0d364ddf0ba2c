package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;

/** What {@link Process} cannot send. */
public enum Signal {
  /** The process stands still, with all that it holds. */
  STOP,
  /** It goes on as if nothing had been. */
  CONT;

  public void send(long pid) {
    try {
      new ProcessBuilder("kill", "-" + name(), Long.toString(pid)).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
