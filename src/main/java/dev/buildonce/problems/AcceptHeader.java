package dev.buildonce.problems;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** What a caller wants to read, as far as it decides between a page and a document. */
public final class AcceptHeader {

  private AcceptHeader() {}

  /**
   * Whether a page is wanted rather than JSON: {@code text/html} is named and JSON is not named as
   * something that is liked as much.
   *
   * @param accept the header; several joined by commas; null or unreadable counts as no
   */
  public static boolean prefersPage(@Nullable String accept) {
    if (accept == null || !accept.contains("text/html")) {
      return false;
    }
    List<MediaType> ranges;
    try {
      ranges = MediaType.parseMediaTypes(accept);
    } catch (InvalidMediaTypeException _) {
      return false;
    }
    double page = 0;
    double json = 0;
    for (var range : ranges) {
      if (range.isWildcardType() || range.isWildcardSubtype()) {
        continue;
      }
      if (range.equalsTypeAndSubtype(MediaType.TEXT_HTML)) {
        page = Math.max(page, range.getQualityValue());
      } else if (range.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)
          || range.equalsTypeAndSubtype(MediaType.APPLICATION_PROBLEM_JSON)) {
        json = Math.max(json, range.getQualityValue());
      }
    }
    return page > json;
  }
}
