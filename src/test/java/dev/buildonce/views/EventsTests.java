package dev.buildonce.views;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.TestDatabase;
import dev.buildonce.logs.web.EventReader;
import dev.buildonce.logs.web.EventReader.Event;
import dev.buildonce.revisions.Change;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Those who follow what two replicas publish. */
@Timeout(180)
class EventsTests {
  private final TestDatabase database = TestDatabase.migrated();
  private FeedReplica here;
  private FeedReplica elsewhere;

  @BeforeEach
  void start() {
    here = FeedReplica.start(database);
    elsewhere = FeedReplica.start(database);
  }

  @AfterEach
  void stop() {
    elsewhere.close();
    here.close();
    database.close();
  }

  @Test
  void changesOfTwoReplicasReachEachOfManyReadersOnceAndInOrder() throws Exception {
    int readers = 100;
    int changes = 600;
    var reconnects = new AtomicInteger();
    var reading = new ArrayList<CompletableFuture<List<Long>>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < readers; i++) {
        var random = new Random(i);
        reading.add(
            CompletableFuture.supplyAsync(() -> read(random, changes, reconnects), threads));
      }
      var publishing = new ArrayList<Future<?>>();
      for (FeedReplica replica : List.of(here, elsewhere)) {
        var random = new Random(replica.port());
        publishing.add(
            threads.submit(
                () -> {
                  for (int left = changes / 2; left > 0; ) {
                    int batch = Math.min(left, random.nextInt(1, 6));
                    replica.publish(changes(batch));
                    left -= batch;
                  }
                }));
      }
      for (Future<?> each : publishing) {
        each.get(100, TimeUnit.SECONDS);
      }

      var dense = LongStream.rangeClosed(1, changes).boxed().toList();
      for (var reader : reading) {
        assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(dense);
      }
    }
    assertThat(reconnects.get()).isGreaterThan(readers * 5);
  }

  /** Reads so many changes, and comes again now and then, here or elsewhere. */
  private List<Long> read(Random random, int changes, AtomicInteger reconnects) {
    var revisions = new ArrayList<Long>();
    String id = null;
    long before = 0;
    try {
      while (revisions.size() < changes) {
        FeedReplica replica = random.nextBoolean() ? here : elsewhere;
        try (EventReader events = replica.follow("?since=0", id)) {
          int some = random.nextInt(1, 100);
          for (int i = 0; i < some && revisions.size() < changes; i++) {
            Event event = events.next();
            assertThat(event.data().path("after").asLong()).isEqualTo(before);
            id = event.id();
            before = event.data().path("revision").asLong();
            if (!event.name().equals("progress")) {
              revisions.add(before);
            }
          }
        }
        reconnects.incrementAndGet();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return revisions;
  }

  @Test
  void slowReaderHoldsUpNobodyAndMissesNothing() throws Exception {
    int changes = 60_000;
    try (Socket slow = new Socket();
        EventReader fast = elsewhere.follow("", null)) {
      slow.setReceiveBufferSize(4096);
      slow.setSoTimeout(60_000);
      slow.connect(new InetSocketAddress("127.0.0.1", here.port()));
      slow.getOutputStream()
          .write("GET /events?since=0 HTTP/1.1\r\nHost: a.localhost\r\n\r\n".getBytes());
      for (int left = changes; left > 0; left -= 500) {
        here.publish(changes(500));
      }

      for (int i = 1; i <= changes; i++) {
        assertThat(FeedReplica.change(fast).data().path("revision").asLong()).isEqualTo(i);
      }
      var text = new StringBuilder();
      byte[] buffer = new byte[1 << 16];
      while (text.indexOf(
              "." + changes + "\n", text.length() - 200_000 < 0 ? 0 : text.length() - 200_000)
          < 0) {
        int read = slow.getInputStream().read(buffer);
        text.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
      }
      var ids =
          text.toString()
              .replaceAll("\r\n[0-9a-fA-F]+\r\n", "")
              .lines()
              .filter(line -> line.startsWith("id: "))
              .map(line -> Long.valueOf(line.substring(line.indexOf('.') + 1)))
              .toList();
      assertThat(ids).isEqualTo(LongStream.rangeClosed(1, changes).boxed().toList());
    }
  }

  @Test
  void resumesOnlyWhereNothingIsMissing() throws Exception {
    here.publish(changes(9));
    here.publish(List.of(new Change(1, "gone", Change.Kind.REMOVED, null, null)));
    String epoch = database.jdbc().sql("SELECT epoch FROM revisions").query(String.class).single();

    database.jdbc().sql("DELETE FROM changes WHERE revision <= 5").update();

    assertGone(here.get("?since=4"));
    assertThat(first(here, "?since=5")).isEqualTo(6);
    assertThat(first(here, "?since=" + epoch + ".9")).isEqualTo(10);
    assertGone(here.get("?since=11"));
    assertGone(here.get("?since=" + UUID.randomUUID() + ".9"));
    assertGone(here.get("", "Last-Event-ID", UUID.randomUUID() + ".9"));

    database.jdbc().sql("DELETE FROM changes").update();

    assertGone(here.get("?since=9"));
    assertThat(here.get("?since=10").statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNoPlaceIsRefused() throws Exception {
    assertThat(here.get("", "Last-Event-ID", "7").statusCode()).isEqualTo(400);
    assertThat(here.get("?since=last").statusCode()).isEqualTo(422);
    assertThat(here.get("?since=0&initial=true").statusCode()).isEqualTo(422);
    assertThat(here.get("?form=0").statusCode()).isEqualTo(422);
    assertThat(here.get("", "Accept", "application/json").statusCode()).isEqualTo(406);
  }

  @Test
  void streamThatCannotGoOnEndsAndItsReaderIsToldSo() throws Exception {
    here.publish(changes(3));
    try (EventReader events = here.follow("?since=0", null)) {
      String id = null;
      for (int i = 0; i < 3; i++) {
        id = FeedReplica.change(events).id();
      }

      database.jdbc().sql("UPDATE revisions SET epoch = gen_random_uuid()").update();

      assertThat(FeedReplica.change(events)).isNull();
      assertGone(here.get("?since=0", "Last-Event-ID", id));
    }
  }

  @Test
  void withoutChangesProgressSaysSo() throws Exception {
    here.publish(changes(2));
    try (EventReader events = here.follow("", null)) {
      Event progress = events.next();
      elsewhere.publish(changes(1));
      Event change = FeedReplica.change(events);

      assertThat(progress.name()).isEqualTo("progress");
      assertThat(progress.id()).endsWith(".2");
      assertThat(progress.data().path("revision").asLong()).isEqualTo(2);
      assertThat(change.name()).isEqualTo("outcome");
      assertThat(change.data().path("revision").asLong()).isEqualTo(3);
      assertThat(change.data().path("after").asLong()).isEqualTo(2);
      assertThat(change.data().path("key").asString()).isEqualTo("k1");
      assertThat(change.data().path("attempt").asInt()).isOne();
      assertThat(change.data().path("status").asString()).isEqualTo("succeeded");
    }
  }

  @Test
  void streamEndsWhenTheServiceStops() throws Exception {
    try (EventReader events = elsewhere.follow("?initial=true", null)) {
      assertThat(events.next().name()).isEqualTo("progress");

      elsewhere.close();

      assertThat(FeedReplica.change(events)).isNull();
    }
  }

  private static long first(FeedReplica replica, String query) throws IOException {
    try (EventReader events = replica.follow(query, null)) {
      return FeedReplica.change(events).data().path("revision").asLong();
    }
  }

  private static void assertGone(HttpResponse<java.io.InputStream> answer) throws IOException {
    assertThat(answer.statusCode()).isEqualTo(410);
    assertThat(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8))
        .contains("/problems/revision-gone");
  }

  private static List<Change> changes(int count) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> new Change(i, "k" + i, Change.Kind.OUTCOME, 1, "succeeded"))
        .toList();
  }
}
