/** Append-only logs of bytes, ranges of them, and live tails. */
@NullMarked
@ApplicationModule(allowedDependencies = {"database", "problems", "streams"})
package dev.buildonce.logs;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
