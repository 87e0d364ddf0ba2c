/** Carries leased attempts through a runner: pick, pump the log, deadlines, recovery. */
@NullMarked
@ApplicationModule(
    allowedDependencies = {"builds", "builders", "database", "leases", "logs", "runners"})
package dev.buildonce.dispatch;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
