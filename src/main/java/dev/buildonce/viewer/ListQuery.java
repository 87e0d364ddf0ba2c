package dev.buildonce.viewer;

import dev.buildonce.builds.BuildList;
import dev.buildonce.builds.BuildStatus;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the list's query asks for; a field that a form sent empty asks for nothing. */
record ListQuery(Query query, List<String> tags, BuildList.Filter filter) {

  private static final int MOST = 500;
  private static final Set<String> FILTERS =
      Set.of("prefix", "builder", "status", "requester", "rebuildRequested");
  private static final Set<String> SINGLE =
      Set.of(
          "prefix",
          "builder",
          "status",
          "requester",
          "rebuildRequested",
          "span",
          "limit",
          "cursor");

  /** The words of {@code status}. */
  static String[] statuses() {
    return Arrays.stream(BuildStatus.values()).map(BuildStatus::word).toArray(String[]::new);
  }

  static ListQuery of(Query query) {
    query.allow(SINGLE, Set.of("tag"));
    List<String> tags =
        query.texts("tag").stream()
            .filter(tag -> !tag.isEmpty())
            .map(tag -> storable("tag", tag))
            .toList();
    String status = given(query, "status");
    if (status != null) {
      query.word("status", statuses());
    }
    return new ListQuery(
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

  /** How many builds to show, or null if it is not said. */
  @Nullable Integer limit() {
    Long limit = text("limit") == null ? null : query.number("limit", 1, MOST);
    return limit == null ? null : limit.intValue();
  }

  BuildList.@Nullable Cursor cursor() {
    String text = text("cursor");
    try {
      return text == null ? null : BuildList.Cursor.of(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest("cursor", "is none that this service gave: start without one");
    }
  }

  /** The time that trends are shown of. */
  TrendSpan span() {
    String word = text("span") == null ? null : query.word("span", TrendSpan.words());
    return word == null ? TrendSpan.DAY : TrendSpan.of(word);
  }

  @Nullable String text(String name) {
    return given(query, name);
  }

  String shown(String name) {
    String text = text(name);
    return text == null ? "" : text;
  }

  boolean isFiltered() {
    return !tags.isEmpty() || FILTERS.stream().anyMatch(name -> text(name) != null);
  }

  /** The query for another page of the same list, for the first if there is no cursor. */
  String page(@Nullable String cursor) {
    return query(span(), cursor);
  }

  /** The query for the same page with other trends. */
  String trends(TrendSpan span) {
    return query(span, text("cursor"));
  }

  private String query(TrendSpan span, @Nullable String cursor) {
    Stream<String> single =
        Stream.of("prefix", "builder", "status", "requester", "rebuildRequested")
            .filter(name -> text(name) != null)
            .map(name -> pair(name, shown(name)));
    Stream<String> repeated = tags.stream().map(tag -> pair("tag", tag));
    Stream<String> rest =
        Stream.of(
                span == TrendSpan.DAY ? "" : pair("span", span.word()),
                text("limit") == null ? "" : pair("limit", shown("limit")),
                cursor == null ? "" : pair("cursor", cursor))
            .filter(pair -> !pair.isEmpty());
    String query =
        Stream.of(single, repeated, rest).flatMap(pairs -> pairs).collect(Collectors.joining("&"));
    return query.isEmpty() ? "" : "?" + query;
  }

  private static String pair(String name, String value) {
    return name + "=" + Tag.encoded(value);
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
