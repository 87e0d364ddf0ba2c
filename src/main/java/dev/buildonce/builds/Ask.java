package dev.buildonce.builds;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A wish for a key's outcome. What is null was left out.
 *
 * @param builder the builder's name
 * @param params by name
 * @param title one line for people, up to 200 characters
 * @param tags for finding and rebuilding
 * @param priority -100 to 100
 * @param timeout of the run, at most the builder's
 * @param requester who asks
 * @param maxAge an outcome older than this does not answer
 * @param maxFailureAge a failed outcome older than this does not answer
 * @param onlyIfCached never start or join
 */
public record Ask(
    @Nullable String builder,
    @Nullable Map<String, String> params,
    @Nullable String title,
    @Nullable List<String> tags,
    @Nullable Integer priority,
    @Nullable Duration timeout,
    String requester,
    @Nullable Duration maxAge,
    @Nullable Duration maxFailureAge,
    boolean onlyIfCached) {

  /** Without params: they may be secret. */
  @Override
  public String toString() {
    return "Ask[" + builder + " by " + requester + "]";
  }
}
