/** Buildonce, a CI result cache as an HTTP service; each package right below is a module. */
@NullMarked
package dev.buildonce;

import org.jspecify.annotations.NullMarked;
