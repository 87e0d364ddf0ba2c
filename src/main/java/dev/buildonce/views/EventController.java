package dev.buildonce.views;

import dev.buildonce.builds.StandingOutcomes;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import dev.buildonce.revisions.Revisions;
import dev.buildonce.revisions.Revisions.Head;
import dev.buildonce.streams.Streams;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** {@code GET /events}: what is published, as server-sent events. */
@Controller
final class EventController {
  private final Revisions revisions;
  private final StandingOutcomes outcomes;
  private final Feed feed;
  private final Streams streams;

  EventController(Revisions revisions, StandingOutcomes outcomes, Feed feed, Streams streams) {
    this.revisions = revisions;
    this.outcomes = outcomes;
    this.feed = feed;
    this.streams = streams;
  }

  @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void events(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Query query = Query.of(request).allow("since", "initial");
    boolean initial = query.flag("initial", false);
    Position asked = asked(request, query, initial);
    Head head = revisions.head();
    long from = asked == null ? head.revision() : kept(asked, head);
    response.setContentType("text/event-stream;charset=utf-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    response.setHeader("X-Accel-Buffering", "no");
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    streams.open(
        request,
        response,
        signal -> {
          var stream =
              new EventStream(response.getOutputStream(), signal, feed, head.epoch(), from);
          return stream.write(
              initial && asked == null ? new InitialState(outcomes, revisions) : null);
        });
  }

  /**
   * Where to go on; a browser that comes again sends the header, and the URL that it began with.
   */
  private static @Nullable Position asked(
      HttpServletRequest request, Query query, boolean initial) {
    String since = query.text("since");
    if (since != null && initial) {
      throw new InvalidRequest("since", "and initial exclude each other");
    }
    String header = request.getHeader("Last-Event-ID");
    if (header != null && !header.isEmpty()) {
      Position position = Position.of(header);
      if (position == null || position.epoch() == null) {
        throw new InvalidEventId();
      }
      return position;
    }
    if (since == null) {
      return null;
    }
    Position position = Position.of(since);
    if (position == null) {
      throw new InvalidRequest("since", "must be the id of an event, or a revision");
    }
    return position;
  }

  private static long kept(Position asked, Head head) {
    if (asked.epoch() != null && !asked.epoch().equals(head.epoch())) {
      throw new RevisionGone("The id is of another epoch: revisions are counted anew.");
    }
    if (asked.revision() > head.revision()) {
      throw new RevisionGone(
          "Revision "
              + asked.revision()
              + " is not there yet, the latest is "
              + head.revision()
              + ".");
    }
    if (asked.revision() < head.oldest()) {
      throw new RevisionGone(
          "The changes after revision "
              + asked.revision()
              + " are no longer kept, only those after "
              + head.oldest()
              + ".");
    }
    return asked.revision();
  }
}
