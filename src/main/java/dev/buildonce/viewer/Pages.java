package dev.buildonce.viewer;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import dev.buildonce.access.Links;
import jakarta.servlet.http.HttpServletRequest;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Makes pages of templates, which escape whatever they are given, and answers with them. */
@Component
final class Pages {

  /**
   * What a page may load and do: nothing but what is ours, and no script or style within it. The
   * one policy for trusted types lets a page start the worker that holds its streams.
   */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types buildonce-hub";

  private static final MediaType HTML = new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8);

  private final Assets assets;
  private final Links links;
  private final Mustache.Compiler templates;

  Pages(Assets assets, Links links) {
    this.assets = assets;
    this.links = links;
    // A name that a template gets wrong fails; null and the empty string are nothing to show.
    this.templates =
        Mustache.compiler()
            .withLoader(Pages::template)
            .strictSections(true)
            .emptyStringIsFalse(true)
            .nullValue("");
  }

  /** What every page needs to know of where it is. */
  Place place(HttpServletRequest request) {
    String url = links.of(request).url();
    String path = URI.create(url).getRawPath();
    String root = path == null ? "" : path;
    return new Place(url, root, root + assets.folder());
  }

  /**
   * Where a page is.
   *
   * @param url what absolute links start with, without a slash at the end
   * @param root what links of the page start with, the same
   * @param assets where its files are, the same
   */
  record Place(String url, String root, String assets) {}

  /** A template to be filled. */
  Template compile(String name) {
    return templates.compile(template(name));
  }

  /** An answer that is revalidated at each use: one that did not change is not sent again. */
  static ResponseEntity<byte[]> answer(Template template, Object model) {
    byte[] page = template.execute(model).getBytes(StandardCharsets.UTF_8);
    return ResponseEntity.ok()
        .contentType(HTML)
        .cacheControl(CacheControl.noCache())
        .eTag(etag(page))
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .body(page);
  }

  private static Reader template(String name) {
    InputStream file = Pages.class.getResourceAsStream("/viewer/" + name + ".html");
    if (file == null) {
      throw new IllegalArgumentException("There is no template " + name);
    }
    return new InputStreamReader(file, StandardCharsets.UTF_8);
  }

  private static String etag(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"'
          + Base64.getUrlEncoder().withoutPadding().encodeToString(digest).substring(0, 27)
          + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
