/** Every refusal as a problem (RFC 9457), the web server's own included. */
@NullMarked
@ApplicationModule(allowedDependencies = {})
package dev.buildonce.problems;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
