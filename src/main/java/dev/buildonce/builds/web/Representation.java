package dev.buildonce.builds.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;

/** The form of an answer that a client prefers. */
enum Representation {
  /** The build as a document. */
  JSON(MediaType.APPLICATION_JSON),
  /** For people and CI logs. */
  TEXT(MediaType.TEXT_PLAIN),
  /** Server-sent events. */
  EVENTS(MediaType.TEXT_EVENT_STREAM);

  private final MediaType type;

  Representation(MediaType type) {
    this.type = type;
  }

  /**
   * Chooses among {@code offered} by the request's {@code Accept}; the first offered one if it does
   * not matter to the client, and for a browser, which names none of ours but takes anything.
   *
   * @throws HttpMediaTypeNotAcceptableException if the client takes none of them
   */
  static Representation of(HttpServletRequest request, Representation... offered)
      throws HttpMediaTypeNotAcceptableException {
    List<MediaType> accepted = accepted(request);
    Representation best = null;
    double bestQuality = 0;
    for (Representation candidate : offered) {
      double quality = candidate.quality(accepted);
      if (quality > bestQuality) {
        best = candidate;
        bestQuality = quality;
      }
    }
    if (best == null) {
      throw new HttpMediaTypeNotAcceptableException(
          List.of(offered).stream().map(form -> form.type).toList());
    }
    return best;
  }

  /** The quality of the most specific range that covers this type; a hair less for a wildcard. */
  private double quality(List<MediaType> accepted) {
    double quality = 0;
    int specificity = -1;
    for (MediaType range : accepted) {
      int own = range.isWildcardType() ? 0 : range.isWildcardSubtype() ? 1 : 2;
      if (range.includes(type) && own > specificity) {
        specificity = own;
        quality = range.getQualityValue() - (own == 2 ? 0 : own == 1 ? 1e-6 : 2e-6);
      }
    }
    return quality;
  }

  private static List<MediaType> accepted(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    List<MediaType> ranges = new ArrayList<>();
    try {
      for (String header : Collections.list(request.getHeaders(HttpHeaders.ACCEPT))) {
        ranges.addAll(MediaType.parseMediaTypes(header));
      }
    } catch (InvalidMediaTypeException e) {
      throw new HttpMediaTypeNotAcceptableException(
          "The Accept header cannot be read: " + e.getMessage());
    }
    return ranges.isEmpty() ? List.of(MediaType.ALL) : ranges;
  }
}
