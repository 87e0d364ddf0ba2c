/** The embedded or external Postgres, its home, its transactions and connection pools. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package dev.buildonce.database;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
