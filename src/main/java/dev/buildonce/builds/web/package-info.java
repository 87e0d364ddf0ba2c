/** Builds over HTTP: asks, looks, lists, logs. */
@NullMarked
package dev.buildonce.builds.web;

import org.jspecify.annotations.NullMarked;
