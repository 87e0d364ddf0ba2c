package dev.buildonce.views;

import dev.buildonce.revisions.Change;
import dev.buildonce.revisions.Revisions.Published;
import dev.buildonce.streams.Ending;
import dev.buildonce.streams.Signal;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** One stream of changes, written by the one thread of its reader. */
final class EventStream {
  private static final long PROGRESS = Duration.ofSeconds(5).toNanos();
  private static final JsonMapper JSON = JsonMapper.shared();

  private final OutputStream out;
  private final Signal signal;
  private final Feed feed;
  private final UUID epoch;
  private long position;
  private long written = System.nanoTime();

  /**
   * A stream that has not begun.
   *
   * @param position the revision behind which it begins
   */
  EventStream(OutputStream out, Signal signal, Feed feed, UUID epoch, long position) {
    this.out = new BufferedOutputStream(out, 16 * 1024);
    this.signal = signal;
    this.feed = feed;
    this.epoch = epoch;
    this.position = position;
  }

  /**
   * Writes until the service stops, or until what follows can no longer be told: a client that
   * comes again then learns that from its answer.
   *
   * @param initial what to tell before, or null
   */
  Ending write(@Nullable InitialState initial) throws IOException {
    try (var _ = feed.follow(signal)) {
      if (initial == null) {
        comment(); // a client sees that it is heard
      } else {
        position = initial.tell(position, this::state);
        if (!signal.stopped()) {
          progress();
        }
      }
      while (!signal.stopped()) {
        follow();
      }
    } catch (RevisionGone _) {
      // It ends, like a stream of a service that stops.
    }
    out.write("retry: 500\n\n".getBytes(StandardCharsets.UTF_8));
    out.flush();
    return Ending.WHOLE;
  }

  private void follow() throws IOException {
    signal.take(Feed.CHANGED);
    List<Published> more = feed.after(epoch, position);
    if (!more.isEmpty()) {
      for (Published each : more) {
        event(each.change().kind().word(), each.revision(), data(each, position));
        position = each.revision();
      }
      flush();
      return;
    }
    long silence = written + PROGRESS;
    if (System.nanoTime() - silence >= 0) {
      // A word about the present revision only if it was read: else a sign of life is all there is.
      if (feed.isCurrent(written)) {
        progress();
      } else {
        comment();
      }
      return;
    }
    signal.await(silence);
  }

  private boolean state(long revision, Change change) throws IOException {
    write(
        "event: "
            + change.kind().word()
            + "\ndata: "
            + JSON.writeValueAsString(data(new Published(revision, change), null))
            + "\n\n");
    return !signal.stopped();
  }

  private void progress() throws IOException {
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("revision", position);
    data.put("after", position);
    event("progress", position, data);
    flush();
  }

  private void comment() throws IOException {
    write(":\n\n");
    flush();
  }

  private static Map<String, @Nullable Object> data(Published each, @Nullable Long after) {
    Change change = each.change();
    Map<String, @Nullable Object> data = new LinkedHashMap<>();
    data.put("revision", each.revision());
    data.put("after", after);
    data.put("key", change.key());
    data.put("attempt", change.attempt());
    data.put("status", change.status());
    return data;
  }

  private void event(String name, long revision, Map<String, @Nullable Object> data)
      throws IOException {
    write(
        "id: "
            + epoch
            + "."
            + revision
            + "\nevent: "
            + name
            + "\ndata: "
            + JSON.writeValueAsString(data)
            + "\n\n");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private void flush() throws IOException {
    out.flush();
    written = System.nanoTime();
  }
}
