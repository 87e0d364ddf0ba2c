package dev.buildonce.viewer;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
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

/** {@code POST …/delete}: as {@code DELETE}, which no form can send. */
@Controller
class DeleteController {

  private final Removals removals;
  private final BuildPages builds;
  private final Pages pages;

  DeleteController(Removals removals, BuildPages builds, Pages pages) {
    this.removals = removals;
    this.builds = builds;
    this.pages = pages;
  }

  @PostMapping("/builds/{key}/delete")
  ResponseEntity<Void> delete(@PathVariable String key, HttpServletRequest request) {
    Query.of(request).allow();
    removals.remove(new BuildKey(key));
    return seeOther(pages.place(request).root() + "/");
  }

  @PostMapping("/builds/{key}/attempts/{number}/log/delete")
  ResponseEntity<Void> removeLog(
      @PathVariable String key, @PathVariable String number, HttpServletRequest request) {
    Query.of(request).allow();
    Build build = builds.known(key);
    Attempt attempt = builds.known(build, number);
    removals.removeLog(build.key(), attempt.number());
    return seeOther(
        pages.place(request).root() + "/builds/" + build.key() + "/attempts/" + attempt.number());
  }

  private static ResponseEntity<Void> seeOther(String location) {
    return ResponseEntity.status(HttpStatus.SEE_OTHER)
        .header(HttpHeaders.LOCATION, location)
        .cacheControl(CacheControl.noStore())
        .build();
  }
}
