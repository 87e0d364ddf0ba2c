package dev.buildonce.builds.web;

import dev.buildonce.access.Links;
import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.Build;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Documents as answers, with the headers that belong to them. */
@Component
class Replies {
  private static final long LONGEST_RETRY_SECONDS = 30;

  private final Documents documents;
  private final HeldAsks held;
  private final JsonMapper json;

  Replies(Documents documents, HeldAsks held, JsonMapper json) {
    this.documents = documents;
    this.held = held;
    this.json = json;
  }

  /** A build in answer to a POST. */
  ResponseEntity<byte[]> posted(
      HttpStatus status, Build build, Links.Base links, Map<String, String> headers) {
    ResponseEntity.BodyBuilder reply =
        ResponseEntity.status(status)
            .contentType(MediaType.APPLICATION_JSON)
            .cacheControl(CacheControl.noStore())
            .header(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    headers.forEach(reply::header);
    return reply.body(json.writeValueAsBytes(documents.build(build, links, held.count(build))));
  }

  /** A build in answer to a GET. The number of waiters is no part of its ETag. */
  ResponseEntity<byte[]> looked(Build build, Links.Base links) {
    Map<String, @Nullable Object> document = documents.build(build, links, 0);
    String etag = etag(json.writeValueAsBytes(document));
    document.put("waiters", held.count(build));
    return got(document, etag);
  }

  /** Any other document in answer to a GET. */
  ResponseEntity<byte[]> got(Object document) {
    return got(document, etag(json.writeValueAsBytes(document)));
  }

  private ResponseEntity<byte[]> got(Object document, String etag) {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noCache())
        .eTag(etag)
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .body(json.writeValueAsBytes(document));
  }

  /** The headers of an answer about an attempt that is under way. */
  static Map<String, String> underWay(Build build, Links.Base links) {
    Map<String, String> headers = new HashMap<>();
    Attempt attempt = build.attempt();
    if (attempt != null) {
      headers.put(HttpHeaders.LOCATION, links.to(Documents.path(build, attempt)));
    }
    headers.put(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter(build)));
    return headers;
  }

  /** The seconds after which it is worth to look again: what is left by the estimate, 1 to 30. */
  private static long retryAfter(Build build) {
    Attempt attempt = build.attempt();
    if (attempt == null || attempt.estimated() == null) {
      return 1;
    }
    Instant from = attempt.startedAt() == null ? build.readAt() : attempt.startedAt();
    long left = Duration.between(build.readAt(), from.plus(attempt.estimated())).toSeconds();
    return Math.clamp(left, 1, LONGEST_RETRY_SECONDS);
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
