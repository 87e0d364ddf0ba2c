package dev.buildonce.builds.web;

import dev.buildonce.problems.AcceptHeader;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.Collections;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** What a page that posted a form gets: another page, which a reload does not post again. */
final class Pages {
  private Pages() {}

  /** Whether a page posted this, and not a program. */
  static boolean posted(HttpServletRequest request) {
    return AcceptHeader.prefersPage(
        String.join(",", Collections.list(request.getHeaders(HttpHeaders.ACCEPT))));
  }

  /** The page to look at after it. */
  static ResponseEntity<byte[]> seeOther(String url) {
    return ResponseEntity.status(HttpStatus.SEE_OTHER)
        .location(URI.create(url))
        .cacheControl(CacheControl.noStore())
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .build();
  }
}
