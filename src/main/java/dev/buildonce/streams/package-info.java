/** Answers that go on: how many, on threads of their own, how they are woken and how they end. */
@NullMarked
@ApplicationModule(allowedDependencies = "problems")
package dev.buildonce.streams;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
