/** Traces, by Micrometer and OpenTelemetry, where somebody wants them sent. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package dev.buildonce.tracing;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
