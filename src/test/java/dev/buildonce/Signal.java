package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** What {@link Process} cannot send. */
public enum Signal {
  /** The process stands still, with all that it holds. */
  STOP,
  /** It goes on as if nothing had been. */
  CONT;

  public void send(long pid) {
    try {
      var kill = new ProcessBuilder("kill", "-" + name(), Long.toString(pid)).inheritIO().start();
      if (!kill.waitFor(30, TimeUnit.SECONDS)) {
        kill.destroyForcibly();
        throw new AssertionError("kill does not end");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
