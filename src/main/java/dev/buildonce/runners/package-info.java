/**
 * Pools of runners and the back ends that run commands; what outlives us is attached to, not
 * called.
 */
@NullMarked
@ApplicationModule(allowedDependencies = {"access", "database", "leases", "supervisor"})
package dev.buildonce.runners;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
