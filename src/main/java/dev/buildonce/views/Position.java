package dev.buildonce.views;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in the feed: behind a revision.
 *
 * @param epoch in which it is counted, or null for the present one
 * @param revision the last one that was received
 */
record Position(@Nullable UUID epoch, long revision) {
  private static final Pattern FORM =
      Pattern.compile("(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.)?([0-9]{1,18})");

  /** The place that a text names, with its epoch or without; null if it is none. */
  static @Nullable Position of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return null;
    }
    return new Position(
        form.group(1) == null ? null : UUID.fromString(form.group(1)),
        Long.parseLong(form.group(2)));
  }
}
