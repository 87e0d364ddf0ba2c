/**
 * The second process of a home: it spawns builds, spools what they write and ends their trees. JDK
 * only.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package dev.buildonce.supervisor;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
