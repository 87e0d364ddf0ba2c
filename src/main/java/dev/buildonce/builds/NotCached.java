package dev.buildonce.builds;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** An ask that wanted an outcome only if one answers at once, and none does. */
public final class NotCached extends BuildProblem {
  NotCached(BuildKey key, @Nullable Build build) {
    super(
        HttpStatus.GATEWAY_TIMEOUT,
        "not-cached",
        "No outcome answers",
        "No outcome of the key "
            + key
            + " answers, and only-if-cached forbids to start or join an attempt.",
        build);
  }
}
