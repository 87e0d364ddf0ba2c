package dev.buildonce.viewer;

import com.samskivert.mustache.Template;
import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildList;
import dev.buildonce.builds.BuildStatus;
import dev.buildonce.builds.Savings;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** {@code GET /}: builds, the latest change first, by the filters of {@code GET /builds}. */
@Controller
class ListPageController {

  private static final int LIMIT = 50;
  private static final int MOST = 500;
  private static final Set<String> SINGLE =
      Set.of("prefix", "builder", "status", "requester", "rebuildRequested", "limit", "cursor");

  private final BuildList list;
  private final Builders builders;
  private final Savings savings;
  private final Pages pages;
  private final Template template;

  ListPageController(BuildList list, Builders builders, Savings savings, Pages pages) {
    this.list = list;
    this.builders = builders;
    this.savings = savings;
    this.pages = pages;
    this.template = pages.compile("list");
  }

  /** A choice of a form's field. */
  record Choice(String value, boolean chosen) {}

  /** A build in the list. */
  record Row(
      String key,
      String path,
      String title,
      String status,
      String builder,
      List<Tag> tags,
      @Nullable String attemptStatus,
      @Nullable String note,
      @Nullable String requester,
      @Nullable String runTime,
      Shown.@Nullable Moment changed,
      boolean flagged) {}

  /** What the cache was good for; null where there is nothing to tell yet. */
  record Good(@Nullable String hitRate, String asks, @Nullable String saved) {}

  /** All that the page shows. */
  record Model(
      Pages.Place place,
      List<Row> builds,
      boolean filtered,
      String prefix,
      String tag,
      List<String> moreTags,
      String requester,
      boolean rebuildRequested,
      List<Choice> builders,
      List<Choice> statuses,
      @Nullable Long limit,
      @Nullable String older,
      @Nullable String newest,
      Good good) {}

  @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<byte[]> list(HttpServletRequest request) {
    Query query = Query.of(request).allow(SINGLE, Set.of("tag"));
    Wanted wanted = Wanted.of(query);
    Long limit = wanted.text("limit") == null ? null : query.number("limit", 1, MOST);
    BuildList.Cursor cursor = cursor(wanted.text("cursor"));
    BuildList.Page page =
        list.page(wanted.filter(), cursor, limit == null ? LIMIT : limit.intValue());
    Pages.Place place = pages.place(request);
    String here = place.root() + "/";
    BuildList.Cursor next = page.next();
    return Pages.answer(
        template,
        new Model(
            place,
            page.builds().stream().map(build -> row(build, place.root())).toList(),
            wanted.isFiltered(),
            wanted.shown("prefix"),
            wanted.tags().isEmpty() ? "" : wanted.tags().getFirst(),
            wanted.tags().stream().skip(1).toList(),
            wanted.shown("requester"),
            Boolean.TRUE.equals(wanted.filter().rebuildRequested()),
            choices(wanted.filter().builder(), builders.all().stream().map(Builder::name).toList()),
            choices(
                wanted.text("status"),
                Arrays.stream(BuildStatus.values()).map(BuildStatus::word).toList()),
            limit,
            next == null ? null : here + wanted.query(next.text()),
            cursor == null ? null : here + wanted.query(""),
            good(savings.now())));
  }

  private static BuildList.@Nullable Cursor cursor(@Nullable String text) {
    try {
      return text == null ? null : BuildList.Cursor.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest("cursor", "is none that this service gave: start without one");
    }
  }

  private static List<Choice> choices(@Nullable String chosen, List<String> all) {
    Stream<String> further =
        chosen == null || all.contains(chosen) ? Stream.of() : Stream.of(chosen);
    return Stream.concat(all.stream(), further)
        .map(value -> new Choice(value, value.equals(chosen)))
        .toList();
  }

  private static Row row(Build build, String root) {
    var attempt = build.attempt();
    String word = attempt == null ? null : attempt.status().word();
    return new Row(
        build.key().value(),
        root + "/builds/" + build.key(),
        build.title(),
        build.status().word(),
        build.builder(),
        Tag.of(build, root),
        build.status().word().equals(word) ? null : word,
        attempt == null
            ? null
            : attempt.failure() != null ? attempt.failure() : attempt.pendingReason(),
        attempt == null ? null : attempt.requester(),
        attempt == null ? null : Shown.duration(attempt.runTime()),
        Shown.moment(build.changedAt()),
        build.rebuild() != null);
  }

  private static Good good(Savings.Saved saved) {
    return new Good(
        saved.asks() == 0
            ? null
            : Math.round(100.0 * (saved.hits() + saved.joins()) / saved.asks()) + " %",
        Shown.count(saved.asks()),
        saved.time().isZero() ? null : Shown.duration(saved.time()));
  }

  /** What the query asks for; a field that a form sent empty asks for nothing. */
  private record Wanted(Query query, List<String> tags, BuildList.Filter filter) {

    static Wanted of(Query query) {
      List<String> tags =
          query.texts("tag").stream()
              .filter(tag -> !tag.isEmpty())
              .map(tag -> storable("tag", tag))
              .toList();
      String status = given(query, "status");
      if (status != null) {
        query.word(
            "status",
            Arrays.stream(BuildStatus.values()).map(BuildStatus::word).toArray(String[]::new));
      }
      return new Wanted(
          query,
          tags,
          new BuildList.Filter(
              given(query, "prefix"),
              given(query, "builder"),
              status == null ? null : BuildStatus.of(status),
              tags,
              given(query, "requester"),
              given(query, "rebuildRequested") == null
                  ? null
                  : query.flag("rebuildRequested", false)));
    }

    @Nullable String text(String name) {
      return given(query, name);
    }

    String shown(String name) {
      String text = text(name);
      return text == null ? "" : text;
    }

    boolean isFiltered() {
      return !tags.isEmpty()
          || Stream.of("prefix", "builder", "status", "requester", "rebuildRequested")
              .anyMatch(name -> text(name) != null);
    }

    /** The same query for another page of the list, for the first if the cursor is empty. */
    String query(String cursor) {
      Stream<String> single =
          Stream.of("prefix", "builder", "status", "requester", "rebuildRequested", "limit")
              .filter(name -> text(name) != null)
              .map(name -> name + "=" + Tag.encoded(shown(name)));
      Stream<String> repeated = tags.stream().map(tag -> "tag=" + Tag.encoded(tag));
      Stream<String> place =
          cursor.isEmpty() ? Stream.of() : Stream.of("cursor=" + Tag.encoded(cursor));
      String query =
          Stream.of(single, repeated, place)
              .flatMap(pairs -> pairs)
              .collect(Collectors.joining("&"));
      return query.isEmpty() ? "" : "?" + query;
    }

    private static @Nullable String given(Query query, String name) {
      String text = query.text(name);
      return text == null || text.isEmpty() ? null : storable(name, text);
    }

    /** What no database row can hold is refused rather than handed to it. */
    private static String storable(String name, String text) {
      if (text.indexOf('\0') >= 0) {
        throw new InvalidRequest(name, "must not have a NUL character in it");
      }
      return text;
    }
  }
}
