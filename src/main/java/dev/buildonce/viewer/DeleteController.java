package dev.buildonce.viewer;

import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Removals;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** {@code POST /builds/{key}/delete}: as {@code DELETE /builds/{key}}, which no form can send. */
@Controller
class DeleteController {

  private final Removals removals;
  private final Pages pages;

  DeleteController(Removals removals, Pages pages) {
    this.removals = removals;
    this.pages = pages;
  }

  @PostMapping("/builds/{key}/delete")
  ResponseEntity<Void> delete(@PathVariable String key, HttpServletRequest request) {
    Query.of(request).allow();
    removals.remove(new BuildKey(key));
    return ResponseEntity.status(HttpStatus.SEE_OTHER)
        .header(HttpHeaders.LOCATION, pages.place(request).root() + "/")
        .cacheControl(CacheControl.noStore())
        .build();
  }
}
