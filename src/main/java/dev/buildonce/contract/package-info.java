/** The HTTP contract as a document that programs read. */
@NullMarked
@ApplicationModule(allowedDependencies = {"problems"})
package dev.buildonce.contract;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
