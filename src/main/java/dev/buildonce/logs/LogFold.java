package dev.buildonce.logs;

import org.jspecify.annotations.Nullable;

/**
 * Lines of a log that belong together, as the build marked them.
 *
 * @param first the number of the line with the title
 * @param last the number of the last one; null if it has not come yet
 * @param title what the build called it
 * @param open whether it is to be shown unfolded
 * @param millis how long it took; null if that is not known
 */
public record LogFold(
    long first, @Nullable Long last, String title, boolean open, @Nullable Long millis) {

  /** How many of a log are told of. */
  public static final int MOST = 10_000;
}
