/** What the cache was good for, by the hour: counted in memory, kept in the database for all. */
@NullMarked
@ApplicationModule(allowedDependencies = {"database"})
package dev.buildonce.trends;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
