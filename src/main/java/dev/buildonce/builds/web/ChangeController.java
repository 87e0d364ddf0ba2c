package dev.buildonce.builds.web;

import dev.buildonce.access.Caller;
import dev.buildonce.access.Links;
import dev.buildonce.builds.AttemptStatus;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.Cancels;
import dev.buildonce.builds.Rebuilds;
import dev.buildonce.builds.Rebuilds.Report;
import dev.buildonce.builds.Rebuilds.Result;
import dev.buildonce.builds.Rebuilds.Selection;
import dev.buildonce.builds.Rebuilds.Wish;
import dev.buildonce.builds.Removals;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Second thoughts: rebuild, cancel, delete. */
@RestController
class ChangeController {
  private static final Set<String> CANCEL = Set.of("attempt", "by", "why", "ifUnwanted");
  private static final Set<String> REBUILD =
      Set.of(
          "prefix",
          "builder",
          "builderVersion",
          "status",
          "tag",
          "finishedAfter",
          "finishedBefore",
          "why",
          "by",
          "dryRun",
          "build",
          "whileBuilding",
          "cursor",
          "key");

  private final Builds builds;
  private final Cancels cancels;
  private final Rebuilds rebuilds;
  private final Removals removals;
  private final HeldAsks held;
  private final Replies replies;
  private final Links links;
  private final JsonMapper json;

  ChangeController(
      Builds builds,
      Cancels cancels,
      Rebuilds rebuilds,
      Removals removals,
      HeldAsks held,
      Replies replies,
      Links links,
      JsonMapper json) {
    this.builds = builds;
    this.cancels = cancels;
    this.rebuilds = rebuilds;
    this.removals = removals;
    this.held = held;
    this.replies = replies;
    this.links = links;
    this.json = json;
  }

  @PostMapping("/builds/{key}/cancel")
  ResponseEntity<byte[]> cancel(@PathVariable String key, HttpServletRequest request)
      throws IOException, HttpMediaTypeNotSupportedException, HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow(CANCEL.toArray(String[]::new));
    boolean page = Pages.posted(request);
    if (!page) {
      Representation.of(request, Representation.JSON);
    }
    Fields fields = Fields.read(request, CANCEL, "", "", query);
    Long attempt = fields.number("attempt", 1, Integer.MAX_VALUE);
    String by = fields.line("by", 100);
    String why = fields.line("why", 500);
    boolean ifUnwanted = fields.flag("ifUnwanted");
    fields.check();
    Build build = builds.find(buildKey).orElseThrow(() -> new UnknownKey(buildKey));
    if (ifUnwanted && held.count(build) > 0) {
      throw new StillWanted(build, held.count(build));
    }
    Build cancelled =
        cancels.cancel(buildKey, attempt == null ? null : attempt.intValue(), by, why);
    if (page) {
      return Pages.seeOther(links.of(request).to(Documents.path(cancelled)));
    }
    return replies.posted(HttpStatus.ACCEPTED, cancelled, links.of(request), Map.of());
  }

  @PostMapping("/rebuild")
  ResponseEntity<byte[]> rebuild(HttpServletRequest request)
      throws IOException, HttpMediaTypeNotSupportedException, HttpMediaTypeNotAcceptableException {
    Query query = Query.of(request).allow();
    boolean page = Pages.posted(request);
    if (!page) {
      Representation.of(request, Representation.JSON);
    }
    Fields fields = Fields.read(request, REBUILD, "keys", "key", query);
    String status = fields.word("status", "succeeded", "failed");
    List<String> named = fields.list("keys", "key");
    Selection selection =
        new Selection(
            named == null ? null : Rebuilds.keys(named),
            fields.line("prefix", 255),
            fields.line("builder", 255),
            fields.line("builderVersion", 255),
            status == null ? null : AttemptStatus.of(status),
            fields.line("tag", 200),
            fields.time("finishedAfter"),
            fields.time("finishedBefore"));
    Wish wish =
        new Wish(
            fields.line("by", 100),
            fields.line("why", 500),
            fields.flag("dryRun"),
            fields.flag("build"),
            fields.word("whileBuilding", "again") != null,
            Caller.of(request).requester());
    String cursor = fields.line("cursor", 255);
    requireSome(selection, fields);
    fields.check();
    Report report =
        rebuilds.request(selection, wish, cursor == null || cursor.isEmpty() ? null : cursor);
    Set<String> keys = selection.keys();
    long unknown = report.counts().getOrDefault(Result.UNKNOWN, 0L);
    if (keys != null && !keys.isEmpty() && unknown == keys.size()) {
      throw new UnknownKey(new BuildKey(keys.iterator().next()));
    }
    if (page) {
      String only = keys != null && keys.size() == 1 ? keys.iterator().next() : null;
      return Pages.seeOther(links.of(request).to(only == null ? "/" : "/builds/" + only));
    }
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .body(json.writeValueAsBytes(document(report, wish.build())));
  }

  /** Nobody means every build by leaving a variable of a script empty. */
  private static void requireSome(Selection selection, Fields fields) {
    if (selection.isEmpty()) {
      fields.refuse(
          "key",
          "name at least one of key, keys, prefix, builder, builderVersion, status, tag,"
              + " finishedAfter, finishedBefore");
    }
    if (selection.keys() != null && selection.keys().isEmpty()) {
      fields.refuse("keys", "must name at least one");
    }
    if (selection.prefix() != null && selection.prefix().isEmpty()) {
      fields.refuse("prefix", "must not be empty");
    }
  }

  private static Map<String, @Nullable Object> document(Report report, boolean build) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put(
        "results",
        report.results().entrySet().stream()
            .map(result -> Map.of("key", result.getKey(), "result", result.getValue().word()))
            .toList());
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Result result : Result.values()) {
      counts.put(result.word(), report.counts().getOrDefault(result, 0L));
    }
    document.put("counts", counts);
    if (build) {
      document.put("queued", report.queued());
      document.put("notQueued", report.notQueued());
    }
    document.put("next", report.next());
    return document;
  }

  @DeleteMapping("/builds/{key}")
  ResponseEntity<Void> remove(@PathVariable String key, HttpServletRequest request) {
    Query.of(request).allow();
    removals.remove(new BuildKey(key));
    return gone();
  }

  @DeleteMapping("/builds/{key}/attempts/{number}/log")
  ResponseEntity<Void> removeLog(
      @PathVariable String key, @PathVariable String number, HttpServletRequest request) {
    Query.of(request).allow();
    BuildKey buildKey = new BuildKey(key);
    Build build = builds.find(buildKey).orElseThrow(() -> new UnknownKey(buildKey));
    removals.removeLog(buildKey, AttemptController.find(builds, build, number).number());
    return gone();
  }

  private static ResponseEntity<Void> gone() {
    return ResponseEntity.noContent().cacheControl(CacheControl.noStore()).build();
  }
}
