package dev.buildonce.builds;

import java.util.List;
import org.springframework.http.HttpStatus;

/** A key that names other inputs already. */
public final class KeyConflict extends BuildProblem {
  KeyConflict(Build build, List<String> differing) {
    super(
        HttpStatus.CONFLICT,
        "key-conflict",
        "The key names other inputs",
        "The key "
            + build.key()
            + " names a build with another "
            + String.join(", ", differing)
            + ". Nothing changed. Choose a key that is made from all inputs, or DELETE /builds/"
            + build.key()
            + " to let the key name something else.",
        build);
    differing.forEach(field -> error(field, "differs from what the key names"));
    property("builder", build.builder());
  }
}
