/** Answers each key from its outcome, by joining its active attempt, or by starting one. */
@NullMarked
@ApplicationModule(
    allowedDependencies = {
      "access",
      "builders",
      "database",
      "leases",
      "logs",
      "logs :: web",
      "problems",
      "revisions",
      "trends"
    })
package dev.buildonce.builds;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
