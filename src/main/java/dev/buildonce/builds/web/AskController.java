package dev.buildonce.builds.web;

import dev.buildonce.access.Caller;
import dev.buildonce.access.CallerLine;
import dev.buildonce.access.Links;
import dev.buildonce.builds.Answer;
import dev.buildonce.builds.Ask;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildKey;
import dev.buildonce.builds.BuildProperties;
import dev.buildonce.builds.Builds;
import dev.buildonce.builds.UnknownAttempt;
import dev.buildonce.builds.UnknownKey;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /builds/{key}}. */
@RestController
class AskController {
  private static final int MOST_TRIES = 3;

  private final Builds builds;
  private final Replies replies;
  private final HeldAsks held;
  private final AskStreams streams;
  private final Links links;
  private final BuildProperties properties;

  AskController(
      Builds builds,
      Replies replies,
      HeldAsks held,
      AskStreams streams,
      Links links,
      BuildProperties properties) {
    this.builds = builds;
    this.replies = replies;
    this.held = held;
    this.streams = streams;
    this.links = links;
    this.properties = properties;
  }

  @PostMapping("/builds/{key}")
  @Nullable Object ask(
      @PathVariable String key, HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotSupportedException, HttpMediaTypeNotAcceptableException {
    BuildKey buildKey = new BuildKey(key);
    Query query = Query.of(request).allow("expect", "wait", "tail");
    Wishes wishes = wishes(query, request);
    boolean page = Pages.posted(request);
    Representation form =
        page
            ? Representation.JSON
            : Representation.of(
                request, Representation.JSON, Representation.TEXT, Representation.EVENTS);
    Long tail = query.number("tail", 0, Long.MAX_VALUE);
    Ask ask =
        AskReader.read(
            request.getInputStream().readAllBytes(),
            contentType(request),
            Caller.of(request).requester(),
            wishes);
    if (page) {
      Build build = builds.ask(buildKey, ask).build();
      return Pages.seeOther(links.of(request).to(Documents.path(build)));
    }
    AskReply reply = new AskReply(builds, replies, held, links.of(request), buildKey, ask, wishes);
    if (form == Representation.JSON) {
      return reply.first(builds.ask(buildKey, ask), CallerLine.of(request));
    }
    stream(form, reply, tail, request, response);
    return null;
  }

  /** A key that is forgotten between answer and stream is a new one: it is asked for once more. */
  private void stream(
      Representation form,
      AskReply reply,
      @Nullable Long tail,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException {
    for (int tries = 1; ; tries++) {
      Answer answer = builds.ask(reply.key(), reply.ask());
      try {
        if (form == Representation.TEXT) {
          streams.text(answer, reply, tail, request, response);
        } else {
          streams.events(answer, reply, request, response);
        }
        return;
      } catch (UnknownKey | UnknownAttempt e) {
        if (tries == MOST_TRIES) {
          throw e;
        }
      }
    }
  }

  private Wishes wishes(Query query, HttpServletRequest request) {
    Duration wait = WaitPreference.of(query, request, properties.maxWait());
    return new Wishes(
        query.word("expect", "success") != null,
        wait,
        Wishes.hasCacheControl(request, "only-if-cached"),
        Wishes.hasCacheControl(request, "no-cache"));
  }

  /** The type of the body, or null. */
  static @Nullable MediaType contentType(HttpServletRequest request)
      throws HttpMediaTypeNotSupportedException {
    String type = request.getContentType();
    try {
      return type == null ? null : MediaType.parseMediaType(type);
    } catch (org.springframework.http.InvalidMediaTypeException e) {
      throw new HttpMediaTypeNotSupportedException("The Content-Type cannot be read: " + type);
    }
  }
}
