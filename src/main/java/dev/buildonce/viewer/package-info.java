/** Pages to find a build, read its log, and have it rebuilt, cancelled or forgotten. */
@NullMarked
@ApplicationModule(
    allowedDependencies = {"access", "builders", "builds", "logs", "problems", "trends"})
package dev.buildonce.viewer;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
