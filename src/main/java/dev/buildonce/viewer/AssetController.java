package dev.buildonce.viewer;

import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** Sends the files that pages need, and no others. */
@Controller
class AssetController {

  private static final CacheControl FOR_GOOD =
      CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable();

  private final Assets assets;

  AssetController(Assets assets) {
    this.assets = assets;
  }

  @GetMapping("/assets/{digest}/{name}")
  ResponseEntity<byte[]> file(
      @PathVariable String digest, @PathVariable String name, HttpServletRequest request) {
    Query.of(request).allow();
    Assets.Asset asset = assets.find(digest, name);
    if (asset == null) {
      throw new UnknownFile();
    }
    return ResponseEntity.ok()
        .contentType(asset.type())
        .cacheControl(FOR_GOOD)
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .body(asset.bytes());
  }
}
