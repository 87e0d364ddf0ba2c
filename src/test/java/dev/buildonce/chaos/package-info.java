/** Services under all that can happen to them, and what must hold nevertheless. */
@NullMarked
package dev.buildonce.chaos;

import org.jspecify.annotations.NullMarked;
