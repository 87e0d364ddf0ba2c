/** Who calls, from where, and what they may do. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problems"})
package dev.buildonce.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
