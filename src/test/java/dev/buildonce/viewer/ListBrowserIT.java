package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.Media;
import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.TestDatabase;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The list of builds in a browser: it follows what happens, and shows what happened. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class ListBrowserIT extends InBrowser {
  private static TestDatabase database;
  private static ServiceProcess service;

  ListBrowserIT() {
    super(service);
  }

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
    week();
    service = ServiceProcess.start(database.arguments());
  }

  @AfterAll
  static void close() {
    service.close();
    database.close();
  }

  @Test
  void whatHappensToABuildIsSeenWithoutLoadingThePageAgain() throws IOException {
    Page page = look(Look.WIDE, "/?prefix=" + key);
    page.evaluate("() => window.sameDocument = true");
    assertThat(page.locator(".empty")).hasText("No build fits these filters.");
    assertThat(page.locator("#connection")).hasText("Live");
    page.evaluate(
        """
        () => {
          window.marked = [];
          new MutationObserver((changes) => {
            for (const row of changes.flatMap(({addedNodes}) => [...addedNodes])) {
              if (row.classList?.contains("fresh")) marked.push(row.id);
            }
          }).observe(document.querySelector(".builds"), {childList: true});
        }
        """);
    Locator row = row(page, key);

    script(path, untilReleased() + "; exit 1");
    assertThat(row.locator(".status")).hasText("running");
    assertThat((List<?>) page.evaluate("() => marked")).first().isEqualTo("build-" + key);
    assertThat(page.locator(".empty")).hasCount(0);
    shot(page, "list-fresh");
    release();
    client.get(path + "?wait=30");
    assertThat(row.locator(".status")).hasText("failed");
    form("/rebuild", "key=" + key);
    assertThat(row.locator(".flag")).hasText("rebuild requested");
    assertThat(row).not().hasClass(Pattern.compile("\\bfresh\\b"));
    client.delete(path);
    assertThat(row).hasCount(0);
    assertThat(page.locator(".empty")).hasText("No build fits these filters.");

    assertThat(page.evaluate("() => window.sameDocument")).isEqualTo(true);
    assertThat(page).hasURL(service.url() + "/?prefix=" + key);
  }

  @Test
  void rowsThatDidNotChangeStayAndTheReaderKeepsFocusPlaceAndSelection() {
    for (int i = 0; i < 60; i++) {
      script(path + "-" + i + "?wait=60", "true");
    }
    Page page = look(Look.WIDE, "/?prefix=" + key);
    assertThat(page.locator("#connection")).hasText("Live");
    assertThat(page.locator(".builds > li")).hasCount(50);
    assertThat(page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Older")))
        .hasCount(1);
    row(page, key + "-30").evaluate("row => { window.kept = row; row.scrollIntoView(); }");
    row(page, key + "-29").locator(".title").evaluate("link => link.focus({preventScroll: true})");
    double top = top(page);

    script(path + "-new?wait=60", "true");
    form("/rebuild", "key=" + key + "-29");

    assertThat(row(page, key + "-new")).hasCount(1);
    assertThat(row(page, key + "-29").locator(".flag")).hasText("rebuild requested");
    assertThat(row(page, key + "-29").locator(".title")).isFocused();
    assertThat(top(page)).isCloseTo(top, within(1.0));
    assertThat(page.evaluate("() => window.kept.isConnected")).isEqualTo(true);

    page.evaluate("() => getSelection().selectAllChildren(document.querySelector('.builds .key'))");
    script(path + "-newest?wait=60", "true");
    page.waitForResponse(
        response -> response.url().contains("/?prefix="),
        () -> form("/rebuild", "key=" + key + "-28"));
    page.waitForResponse(response -> response.url().contains("/?prefix="), () -> {});
    assertThat(row(page, key + "-newest")).hasCount(0);
    page.evaluate("() => getSelection().removeAllRanges()");
    assertThat(row(page, key + "-newest")).hasCount(1);
    assertThat(page.locator(".builds > li")).hasCount(50);
  }

  @Test
  void laterPageKeepsItsRowsAndShowsHowTheyStand() {
    for (int i = 0; i < 4; i++) {
      script(path + "-" + i + "?wait=60", "true");
    }
    Page page = look(Look.WIDE, "/?limit=2&prefix=" + key);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Older")).click();
    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-1", key + "-0"});
    assertThat(page.locator("#connection")).hasText("Live");

    form("/rebuild", "key=" + key + "-1");
    assertThat(row(page, key + "-1").locator(".flag")).hasText("rebuild requested");
    script(path + "-new?wait=60", "true");
    client.delete(path + "-0");

    assertThat(row(page, key + "-0")).hasClass(Pattern.compile("\\bgone\\b"));
    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-1", key + "-0"});
    assertThat(page.locator("a[rel=first]")).hasText("Latest");
  }

  @Test
  void whatIsTypedStaysAndIsInTheUrl() {
    script(path + "?wait=60", "true");
    Page page = look(Look.WIDE, "/?span=7d");
    assertThat(page.locator("#connection")).hasText("Live");
    page.getByLabel("Key starts with").fill(key);

    script(path + "-2?wait=60", "true");

    assertThat(row(page, key + "-2")).hasCount(1);
    assertThat(page.getByLabel("Key starts with")).hasValue(key);
    assertThat(page.getByLabel("Key starts with")).isFocused();
    page.keyboard().press("Enter");
    assertThat(page).hasURL(service.url() + "/?prefix=" + key + "&span=7d");
    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-2", key});
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("24 hours")).click();
    assertThat(page).hasURL(service.url() + "/?prefix=" + key);
  }

  @Test
  void hiddenTabHasNoStreamAndCatchesUpWhenItIsSeen() {
    Page page = look(Look.WIDE, "/?prefix=" + key);
    assertThat(page.locator("#connection")).hasText("Live");
    patiently().untilAsserted(() -> assertThat(viewers()).isEqualTo(1));
    List<String> requests = new CopyOnWriteArrayList<>();

    hide(page, true);
    assertThat(page.locator("#connection")).hasText("Paused in the background");
    patiently().untilAsserted(() -> assertThat(viewers()).isZero());
    page.onRequest(request -> requests.add(request.url()));
    script(path + "?wait=60", "true");
    assertThat(requests).isEmpty();
    assertThat(row(page, key)).hasCount(0);

    hide(page, false);
    assertThat(row(page, key)).hasCount(1);
    assertThat(page.locator("#connection")).hasText("Live");
    assertThat(viewers()).isEqualTo(1);
  }

  @Test
  void burstOfEventsLoadsThePageOnceASecondAndOneAtATime() {
    String events =
        IntStream.range(0, 1_000)
            .mapToObj(
                i ->
                    "id: 00000000-0000-0000-0000-000000000000.%d\nevent: ended\ndata: {\"revision\": %d, \"key\": \"k\"}\n\n"
                        .formatted(i, i))
            .collect(Collectors.joining());
    Page page = chromium.page(Look.WIDE);
    page.addInitScript(
        """
        const send = XMLHttpRequest.prototype.send;
        const loads = [];
        window.sent = [];
        XMLHttpRequest.prototype.send = function (body) {
          const beside = loads.filter((load) => load.readyState !== XMLHttpRequest.DONE).length;
          sent.push({at: performance.now(), beside});
          loads.push(this);
          send.call(this, body);
        };
        """);
    // Requests of a shared worker cannot be answered in its place: here the page has its own.
    page.addInitScript("delete globalThis.SharedWorker");
    page.route(
        "**/events",
        route ->
            route.fulfill(
                new Route.FulfillOptions().setContentType("text/event-stream").setBody(events)));
    page.navigate(service.url() + "/");

    page.waitForCondition(() -> sent(page).size() >= 4);

    List<Map<String, Number>> loads = sent(page);
    for (int i = 1; i < loads.size(); i++) {
      double pause = at(loads.get(i)) - at(loads.get(i - 1));
      assertThat(pause).isGreaterThan(990); // timers are a little early or late
      assertThat(loads.get(i)).containsEntry("beside", 0);
    }
  }

  /** The loads of the page until now, and how many others were under way then. */
  @SuppressWarnings("unchecked")
  private static List<Map<String, Number>> sent(Page page) {
    return (List<Map<String, Number>>) page.evaluate("() => sent");
  }

  private static double at(Map<String, Number> load) {
    return load.get("at").doubleValue();
  }

  @Test
  void lostConnectionIsTold() {
    Page page = chromium.page(Look.WIDE);
    // Requests of a shared worker cannot be answered in its place: here the page has its own.
    page.addInitScript("delete globalThis.SharedWorker");
    page.route(
        "**/events",
        route -> route.fulfill(new Route.FulfillOptions().setStatus(503).setBody("{}")));
    page.navigate(service.url() + "/?prefix=" + key);

    assertThat(page.locator("#connection")).containsText("Connection lost, trying again");
    script(path + "?wait=60", "true");
    assertThat(row(page, key)).hasCount(1);
    page.unroute("**/events");
    assertThat(page.locator("#connection")).hasText("Live");
  }

  @Test
  void trendsAreSeenByEverybody() {
    form(
        path + "-1?wait=60",
        "script="
            + Client.encoded("echo 'error: no such file'; exit 2")
            + "&title=make+test&tag=repo%3Dapp&tag=branch%3Dmain");
    form(path + "-2?wait=60", "script=true&title=make+lint&tag=repo%3Dapp&requester=ci-main");
    Look wide = Look.WIDE.withoutPolicy();
    for (Look look : List.of(wide, wide.dark(), wide.phone(), wide.phone().dark())) {
      assertSeen(look, "/?span=7d");
    }
    assertSeen(wide.dark(), "/");
    assertSeen(wide.phone(), "/?builder=none");
    Page page = look(Look.WIDE.withoutScript(), "/?span=7d");
    assertThat(page.locator(".charts figure")).hasCount(5);
    assertThat(page.locator(".good")).containsText("in the last 7 days");
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
    shot(page, "list-print");
  }

  private void assertSeen(Look look, String where) {
    Page page = look(look, where);
    String name =
        "trends%s-%s-%s"
            .formatted(
                where.replaceAll("[^a-z0-9]", ""),
                look.width() < 500 ? "phone" : "wide",
                look.scheme().name().toLowerCase(Locale.ROOT));
    assertThat(page.locator("#connection")).hasText("Live");
    if (where.contains("builder")) {
      assertThat(page.locator(".charts")).containsText("Nothing was asked for");
    } else {
      String span = where.contains("7d") ? "7 days" : "24 hours";
      assertThat(page.locator(".charts svg").first())
          .hasAttribute(
              "aria-label",
              Pattern.compile("Success rate, the last " + span + ": .* % of .* outcomes"));
      assertThat(page.locator(".charts figure")).hasCount(5);
      shot(page, name);
      page.getByText("In figures").click();
      assertThat(page.locator(".trends tbody tr").first()).isVisible();
      assertThat(page.locator(".trends tbody tr").count()).isBetween(20, 28);
    }
    shot(page, name + "-figures");
    assertThat((int) page.evaluate("() => document.scrollingElement.scrollWidth"))
        .as(name)
        .isLessThanOrEqualTo(look.width());
    assertThat(new AxeBuilder(page).analyze().getViolations()).as(name).isEmpty();
    page.context().close();
  }

  /** A week as a team has it: busy by day, red now and then, and slow one evening. */
  private static void week() {
    database
        .jdbc()
        .sql(
            """
            INSERT INTO trend_hours (hour, builder, hits, joins, starts, saved_millis, succeeded, failed, otherwise)
            SELECT hour, 'shell', busy * 9, busy * 2, busy * 3, busy * 9 * 61000, busy * 3 - bad, bad, busy / 7
            FROM (
              SELECT date_trunc('hour', clock_timestamp(), 'UTC') - n * interval '1 hour' AS hour,
                (3 + 9 * abs(sin(n / 7.6)) + 5 * abs(sin(n * 1.7)))::bigint AS busy,
                CASE WHEN n IN (5, 6) THEN 9 WHEN n % 11 = 3 THEN 2 ELSE 0 END AS bad
              FROM generate_series(1, 167) AS n WHERE n % 24 NOT IN (13, 14)) AS hours
            ON CONFLICT DO NOTHING
            """)
        .update();
    database
        .jdbc()
        .sql(
            """
            INSERT INTO trend_times (hour, builder, kind, bucket, attempts)
            SELECT hour, builder, kind, bucket + CASE WHEN extract(hour FROM hour) IN (17, 18) THEN 8 ELSE 0 END,
              1 + (starts * weight)::bigint
            FROM trend_hours, (VALUES ('queue', 22, 0.6), ('queue', 40, 0.3), ('run', 60, 0.5), ('run', 64, 0.3), ('run', 70, 0.12))
              AS times (kind, bucket, weight)
            ON CONFLICT DO NOTHING
            """)
        .update();
  }

  private static Locator row(Page page, String key) {
    return page.locator("[id='build-" + key + "']");
  }

  private static double top(Page page) {
    return ((Number) page.evaluate("() => window.kept.getBoundingClientRect().top")).doubleValue();
  }

  /** A stream that its reader has left is noticed within 10 s. */
  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(30));
  }

  private double viewers() {
    return client
        .get("/actuator/prometheus")
        .text()
        .lines()
        .filter(line -> line.startsWith("buildonce_viewers "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
