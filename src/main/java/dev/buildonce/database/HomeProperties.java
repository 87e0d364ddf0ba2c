package dev.buildonce.database;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where the service keeps its files.
 *
 * @param home directory of the embedded database, workspaces and spools; made if it is missing, and
 *     used by one service at a time. Default: .buildonce in the user's home directory
 */
@ConfigurationProperties("buildonce")
record HomeProperties(@Nullable String home) {

  String directory() {
    return home == null || home.isBlank()
        ? System.getProperty("user.home") + "/.buildonce"
        : home.strip();
  }
}
