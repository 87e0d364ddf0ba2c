/** Who may carry an attempt on: its place in the queue, holder, fence, deadline and stop mark. */
@NullMarked
@ApplicationModule(allowedDependencies = {"database"})
package dev.buildonce.leases;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
