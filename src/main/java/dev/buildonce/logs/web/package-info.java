/** Turns a log into text, ranges and events. */
@NamedInterface("web")
@NullMarked
package dev.buildonce.logs.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
