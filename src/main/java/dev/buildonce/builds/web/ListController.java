package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildList;
import dev.buildonce.builds.BuildStatus;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /builds}. */
@RestController
class ListController {
  static final int DEFAULT_LIMIT = 50;
  static final int MOST = 500;

  private final BuildList list;
  private final Documents documents;
  private final Replies replies;
  private final HeldAsks held;
  private final Links links;

  ListController(BuildList list, Documents documents, Replies replies, HeldAsks held, Links links) {
    this.list = list;
    this.documents = documents;
    this.replies = replies;
    this.held = held;
    this.links = links;
  }

  @GetMapping("/builds")
  ResponseEntity<byte[]> list(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    Query query =
        Query.of(request)
            .allow(
                Set.of(
                    "prefix",
                    "builder",
                    "status",
                    "requester",
                    "rebuildRequested",
                    "limit",
                    "cursor"),
                Set.of("tag"));
    Representation.of(request, Representation.JSON);
    Links.Base base = links.of(request);
    BuildList.Page page = list.page(filter(query), cursor(query), limit(query));
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("builds", page.builds().stream().map(build -> document(build, base)).toList());
    document.put("next", page.next() == null ? null : page.next().text());
    document.put("revision", page.revision());
    return replies.got(document);
  }

  private Map<String, @Nullable Object> document(Build build, Links.Base base) {
    return documents.listed(build, base, held.count(build));
  }

  private static BuildList.Filter filter(Query query) {
    String status =
        query.word(
            "status",
            Arrays.stream(BuildStatus.values()).map(BuildStatus::word).toArray(String[]::new));
    return new BuildList.Filter(
        text(query, "prefix"),
        text(query, "builder"),
        status == null ? null : BuildStatus.of(status),
        query.texts("tag").stream().map(tag -> storable("tag", tag)).toList(),
        text(query, "requester"),
        query.has("rebuildRequested") ? query.flag("rebuildRequested", false) : null);
  }

  private static @Nullable String text(Query query, String name) {
    String text = query.text(name);
    return text == null ? null : storable(name, text);
  }

  /** What no database row can hold is refused rather than handed to it. */
  private static String storable(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidRequest(name, "must not have a NUL character in it");
    }
    return text;
  }

  private static BuildList.@Nullable Cursor cursor(Query query) {
    String text = query.text("cursor");
    if (text == null) {
      return null;
    }
    try {
      return BuildList.Cursor.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest("cursor", "is none that this service gave: start without one");
    }
  }

  /** How many to show, 1 to 500. */
  static int limit(Query query) {
    Long limit = query.number("limit", 1, MOST);
    return limit == null ? DEFAULT_LIMIT : limit.intValue();
  }
}
