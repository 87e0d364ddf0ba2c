/** Builder files: definitions, params, versions. */
@NullMarked
@ApplicationModule(allowedDependencies = {"logs", "problems"})
package dev.buildonce.builders;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
