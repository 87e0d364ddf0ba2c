package dev.buildonce.viewer;

import com.samskivert.mustache.Template;
import dev.buildonce.builders.Builder;
import dev.buildonce.builders.Builders;
import dev.buildonce.builds.Build;
import dev.buildonce.builds.BuildList;
import dev.buildonce.problems.Query;
import dev.buildonce.trends.Stretch;
import dev.buildonce.trends.Trends;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.List;
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

  private final BuildList list;
  private final Builders builders;
  private final Trends trends;
  private final Pages pages;
  private final Template template;
  private final RecentPages recent = new RecentPages();

  ListPageController(BuildList list, Builders builders, Trends trends, Pages pages) {
    this.list = list;
    this.builders = builders;
    this.trends = trends;
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

  /** What the cache was good for in the span; null where there is nothing to tell. */
  record Good(@Nullable String hitRate, String asks, @Nullable String saved) {}

  /** A link to another span of the trends. */
  record Span(String text, String path, boolean chosen) {}

  /** The trends; without charts if nothing happened in the span. */
  record Trend(
      String span,
      @Nullable String builder,
      boolean any,
      List<Span> spans,
      List<TrendCharts.Chart> charts,
      List<Figures.Row> rows) {}

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
      @Nullable String span,
      @Nullable Integer limit,
      String clear,
      @Nullable String older,
      @Nullable String newest,
      Good good,
      Trend trend) {}

  @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<byte[]> list(HttpServletRequest request) {
    ListQuery query = ListQuery.of(Query.of(request));
    Pages.Place place = pages.place(request);
    String name = place.url() + "?" + request.getQueryString();
    return recent.page(name, list.stamp(), () -> page(query, place));
  }

  private ResponseEntity<byte[]> page(ListQuery query, Pages.Place place) {
    Integer limit = query.limit();
    BuildList.Cursor cursor = query.cursor();
    BuildList.Page page = list.page(query.filter(), cursor, limit == null ? LIMIT : limit);
    String here = place.root() + "/";
    BuildList.Cursor next = page.next();
    TrendSpan span = query.span();
    TrendCharts charts =
        new TrendCharts(span, trends.hours(query.filter().builder(), span.hours()));
    return Pages.answer(
        template,
        new Model(
            place,
            page.builds().stream().map(build -> row(build, place.root())).toList(),
            query.isFiltered(),
            query.shown("prefix"),
            query.tags().isEmpty() ? "" : query.tags().getFirst(),
            query.tags().stream().skip(1).toList(),
            query.shown("requester"),
            Boolean.TRUE.equals(query.filter().rebuildRequested()),
            choices(query.filter().builder(), builders.all().stream().map(Builder::name).toList()),
            choices(query.text("status"), List.of(ListQuery.statuses())),
            span == TrendSpan.DAY ? null : span.word(),
            limit,
            span == TrendSpan.DAY ? here : here + "?span=" + span.word(),
            next == null ? null : here + query.page(next.text()),
            cursor == null ? null : here + query.page(null),
            good(charts.whole()),
            trend(charts, query, here)));
  }

  private static Trend trend(TrendCharts charts, ListQuery query, String here) {
    boolean any = Figures.isAny(charts.whole());
    return new Trend(
        query.span().text(),
        query.filter().builder(),
        any,
        Arrays.stream(TrendSpan.values())
            .map(span -> new Span(span.text(), here + query.trends(span), span == query.span()))
            .toList(),
        any ? charts.all() : List.of(),
        Figures.rows(charts.parts()));
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

  private static Good good(Stretch whole) {
    return new Good(
        Figures.rate(whole.hits() + whole.joins(), whole.asks()),
        Shown.count(whole.asks()),
        whole.saved().isZero() ? null : Shown.duration(whole.saved()));
  }
}
