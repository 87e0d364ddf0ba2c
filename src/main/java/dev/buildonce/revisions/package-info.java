/** Numbers published changes, keeps them, and wakes who waits for one. */
@NullMarked
@ApplicationModule(allowedDependencies = {"database"})
package dev.buildonce.revisions;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
