package dev.buildonce.viewer;

import dev.buildonce.builds.Build;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A tag, and the path of all builds with it. */
record Tag(String text, String path) {

  static List<Tag> of(Build build, String root) {
    return build.tags().stream().map(tag -> new Tag(tag, root + "/?tag=" + encoded(tag))).toList();
  }

  /** A value as it stands in a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
