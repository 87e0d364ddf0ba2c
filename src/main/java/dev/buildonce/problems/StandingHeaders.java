package dev.buildonce.problems;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Headers that every answer to some requests has. This module asks for them where the web server
 * refuses a request by itself, so that no filter sees it.
 */
public interface StandingHeaders {

  /**
   * The headers of each answer to a request.
   *
   * @param path as the caller wrote it
   * @param query as the caller wrote it, or null
   * @param prefer the values of {@code Prefer}
   */
  Map<String, String> of(String path, @Nullable String query, List<String> prefer);
}
