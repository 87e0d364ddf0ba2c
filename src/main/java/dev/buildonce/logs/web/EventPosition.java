package dev.buildonce.logs.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a stream of events: {@code <attempt>:<offset>} behind the bytes that were received, or
 * {@code <attempt>:<length>:end}.
 *
 * @param attempt the number of the attempt
 * @param offset the next byte of its log
 * @param end whether its end was received
 */
public record EventPosition(int attempt, long offset, boolean end) {

  private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,8}):([0-9]{1,18})(:end)?");

  /** The start of an attempt. */
  public static EventPosition startOf(int attempt) {
    return new EventPosition(attempt, 0, false);
  }

  /**
   * The place that a {@code Last-Event-ID} names.
   *
   * @return null without one
   * @throws InvalidEventId if it is none that we send
   */
  public static @Nullable EventPosition of(@Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isEmpty()) {
      return null;
    }
    Matcher form = FORM.matcher(lastEventId);
    if (!form.matches()) {
      throw new InvalidEventId();
    }
    return new EventPosition(
        Integer.parseInt(form.group(1)), Long.parseLong(form.group(2)), form.group(3) != null);
  }

  @Override
  public String toString() {
    return attempt + ":" + offset + (end ? ":end" : "");
  }
}
