package dev.buildonce.viewer;

import dev.buildonce.trends.Spread;
import dev.buildonce.trends.Stretch;
import dev.buildonce.viewer.Bars.Bar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Draws what happened in a span of time as small charts, each with its figure. */
final class TrendCharts {
  private final TrendSpan span;
  private final List<Stretch> parts;
  private final Stretch whole;

  /**
   * Charts of a span.
   *
   * @param hours all of its hours, in order
   */
  TrendCharts(TrendSpan span, List<Stretch> hours) {
    this.span = span;
    List<Stretch> grouped = new ArrayList<>();
    for (int i = 0; i < hours.size(); i += span.part()) {
      grouped.add(Stretch.whole(hours.subList(i, Math.min(hours.size(), i + span.part()))));
    }
    this.parts = grouped;
    this.whole = Stretch.whole(hours);
  }

  /**
   * A chart.
   *
   * @param name one word
   * @param title what it shows
   * @param figure of the whole span; null if there is none
   * @param more what belongs to the figure
   * @param label all of it in words
   * @param top what the top of the chart stands for; null if it stands for nothing
   * @param width of the drawing, which is 100 high
   * @param slots what each part of the span has to say, for who points at it
   */
  record Chart(
      String name,
      String title,
      @Nullable String figure,
      String more,
      String label,
      @Nullable String top,
      int width,
      List<Bars.Layer> layers,
      List<Slot> slots) {}

  /** What is said at a place of a chart. */
  record Slot(int at, String text) {}

  /** All of the span. */
  Stretch whole() {
    return whole;
  }

  List<Chart> all() {
    return List.of(success(), hits(), saved(), queue(), run());
  }

  /** The parts of the span, in order. */
  List<Stretch> parts() {
    return parts;
  }

  private Chart success() {
    return chart(
        "success",
        "Success rate",
        Figures.rate(whole.succeeded(), whole.outcomes()),
        "of " + Figures.count(whole.outcomes(), "outcome"),
        "100 %",
        List.of(
            Bars.layer("ok", bars(part -> Bar.upTo(share(part.succeeded(), part.outcomes())))),
            Bars.layer(
                "bad",
                bars(
                    part ->
                        part.failed() == 0
                            ? Bar.NONE
                            : new Bar(share(part.succeeded(), part.outcomes()), 1)))),
        part ->
            part.outcomes() == 0
                ? null
                : Shown.count(part.succeeded())
                    + " succeeded, "
                    + Shown.count(part.failed())
                    + " failed");
  }

  private Chart hits() {
    return chart(
        "hits",
        "Hit rate",
        Figures.rate(whole.hits() + whole.joins(), whole.asks()),
        "of " + Figures.count(whole.asks(), "ask"),
        "100 %",
        List.of(
            Bars.layer(
                "fill", bars(part -> Bar.upTo(share(part.hits() + part.joins(), part.asks())))),
            Bars.layer(
                "rest",
                bars(
                    part ->
                        part.starts() == 0
                            ? Bar.NONE
                            : new Bar(share(part.hits() + part.joins(), part.asks()), 1)))),
        part ->
            part.asks() == 0
                ? null
                : Figures.count(part.hits(), "hit")
                    + ", "
                    + Figures.count(part.joins(), "join")
                    + ", "
                    + Figures.count(part.starts(), "start"));
  }

  private Chart saved() {
    double most = most(part -> part.saved().toMillis());
    return chart(
        "saved",
        "Time saved",
        whole.hits() + whole.joins() == 0 ? null : Shown.duration(whole.saved()),
        "by " + Figures.count(whole.hits() + whole.joins(), "hit or join", "hits and joins"),
        most == 0 ? null : Shown.duration(Duration.ofMillis((long) most)),
        List.of(Bars.layer("fill", bars(part -> Bar.upTo(share(part.saved().toMillis(), most))))),
        part -> part.saved().isZero() ? null : Shown.duration(part.saved()) + " saved");
  }

  private Chart queue() {
    return times("queue", "Queue time", Stretch::queue);
  }

  private Chart run() {
    return times("run", "Run time", Stretch::run);
  }

  private Chart times(String name, String title, Function<Stretch, Spread> which) {
    Spread all = which.apply(whole);
    double most = most(part -> millis(which.apply(part), 0.9));
    return chart(
        name,
        title,
        Figures.time(all.percentile(0.5)),
        "median; 9 of 10 within " + Figures.time(all.percentile(0.9)),
        most == 0 ? null : Figures.time(Duration.ofMillis((long) most)),
        List.of(
            Bars.layer("soft", bars(part -> Bar.upTo(share(millis(which.apply(part), 0.9), most)))),
            Bars.layer(
                "fill", bars(part -> Bar.upTo(share(millis(which.apply(part), 0.5), most))))),
        part -> {
          Spread times = which.apply(part);
          return times.count() == 0
              ? null
              : "median "
                  + Figures.time(times.percentile(0.5))
                  + ", 9 of 10 within "
                  + Figures.time(times.percentile(0.9))
                  + ", of "
                  + Shown.count(times.count());
        });
  }

  private Chart chart(
      String name,
      String title,
      @Nullable String figure,
      String more,
      @Nullable String top,
      List<Bars.Layer> layers,
      Function<Stretch, @Nullable String> told) {
    List<Slot> slots =
        IntStream.range(0, parts.size())
            .boxed()
            .flatMap(
                i -> {
                  String text = told.apply(parts.get(i));
                  return text == null
                      ? Stream.of()
                      : Stream.of(
                          new Slot(Bars.width(i), Figures.from(parts.get(i)) + ": " + text));
                })
            .toList();
    String label =
        "%s, the last %s: %s"
            .formatted(title, span.text(), figure == null ? "nothing yet" : figure + " " + more);
    return new Chart(
        name, title, figure, more, label, top, Bars.width(parts.size()), layers, slots);
  }

  private List<Bar> bars(Function<Stretch, Bar> each) {
    return parts.stream().map(each).toList();
  }

  private double most(ToDoubleFunction<Stretch> each) {
    return parts.stream().mapToDouble(each).max().orElse(0);
  }

  private static double millis(Spread times, double part) {
    Duration at = times.percentile(part);
    return at == null ? 0 : Math.max(1, at.toMillis());
  }

  private static double share(double some, double all) {
    return all == 0 ? 0 : some / all;
  }
}
