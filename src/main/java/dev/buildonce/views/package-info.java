/** The feed of what is published: each change once, in order, to whoever follows it. */
@NullMarked
@ApplicationModule(allowedDependencies = {"builds", "database", "problems", "revisions", "streams"})
package dev.buildonce.views;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
