package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The log on its page, as people read it. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class LogViewIT {

  private static final ServiceProcess SERVICE = ServiceProcess.shared();
  private static final Path BUILDERS = SERVICE.home().resolve("builders");
  private static Chromium chromium;

  @TempDir Path folder;

  private final Client client = new Client(SERVICE.url());
  private final String key = "log-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @BeforeAll
  static void open() {
    PlaywrightAssertions.setDefaultAssertionTimeout(Chromium.TIMEOUT);
    chromium = new Chromium();
  }

  @AfterAll
  static void close() throws IOException {
    Files.deleteIfExists(BUILDERS.resolve("short-log.yaml"));
    Files.deleteIfExists(BUILDERS.resolve("killed-once.yaml"));
    chromium.close();
  }

  @AfterEach
  void pagesBrokeNothing() {
    client.post(path + "/cancel"); // a test that failed leaves its runner to the next
    List<String> troubles = chromium.troubles();
    chromium.closePages();
    Chromium.count();
    assertThat(troubles).isEmpty();
  }

  @Test
  void longestLogOpensAtItsEndAndAnyLineIsAJumpAway() {
    client.script(path + "?wait=120", "seq 10000000");
    Page page = look(Look.WIDE, path);

    assertThat(line(page, 10_000_000)).hasText("10000000");
    assertThat(line(page, 10_000_000)).isInViewport();
    for (int number : new int[] {1, 5_000_000, 749_999, 9_999_990}) {
      page.evaluate("(line) => { location.hash = '#L' + line }", number);
      assertThat(line(page, number)).hasText("" + number);
      assertThat(line(page, number)).isInViewport();
      assertThat(page.locator(".hit")).hasCount(1);
      assertThat(page.locator("#log .line").count()).isLessThan(250);
    }
    page.keyboard().press("g");
    assertThat(line(page, 1)).isInViewport();
    page.keyboard().press("Shift+G");
    assertThat(line(page, 10_000_000)).isInViewport();
  }

  @Test
  void wheelMovesByPixelsInALogThatIsHigherThanABrowserMakesIt() {
    client.script(path + "?wait=120", "seq 3000000");
    Page page = look(Look.WIDE, path + "#L1500000");
    assertThat(line(page, 1_500_000)).isInViewport();
    long before = firstSeen(page);

    page.locator("#log").hover();
    page.mouse().wheel(0, 1000);
    assertThat(line(page, before + 60)).isInViewport();
    page.mouse().wheel(0, -1000);

    assertThat(line(page, before + 1)).isInViewport();
    assertThat(firstSeen(page)).isBetween(before - 2, before + 2);
    page.keyboard().press("j");
    page.keyboard().press("j");
    page.keyboard().press("j");
    page.waitForCondition(() -> firstSeen(page) > before);
  }

  @Test
  void searchCountsAllHitsAndWalksThroughThem() {
    client.script(
        path + "?wait=60",
        "seq -f 'line %.0f' 30000; echo 'Needle (one)'; seq -f 'line %.0f' 30002 60000; echo 'needle two needle'; seq 5");
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 60_006)).isInViewport();
    page.keyboard().press("g");
    assertThat(line(page, 1)).isInViewport();

    page.keyboard().press("/");
    page.keyboard().type("needle");
    assertThat(found(page)).hasText("1 of 2 lines, 3 hits");
    assertThat(line(page, 30_001)).isInViewport();
    assertThat(page.locator("#L30001 mark")).hasText("Needle");
    shot(page, "log-search");
    page.keyboard().press("Enter");
    assertThat(found(page)).hasText("2 of 2 lines, 3 hits");
    assertThat(page.locator("#L60001 mark")).hasCount(2);
    page.keyboard().press("Enter");
    assertThat(line(page, 30_001)).isInViewport();
    page.keyboard().press("Shift+Enter");
    assertThat(line(page, 60_001)).isInViewport();
    page.getByLabel("Match case").check();
    assertThat(found(page)).hasText("1 of 1 line, 2 hits");
    page.getByLabel("Match case").uncheck();
    page.getByLabel("Regex").check();
    page.getByLabel("Search for").fill("^needle \\((one|three)\\)$");
    assertThat(found(page)).hasText("1 of 1 line");
    page.getByLabel("Search for").fill("(never ended");
    assertThat(page.getByLabel("Search for")).hasAttribute("aria-invalid", "true");
    page.getByLabel("Search for").fill("nowhere");
    assertThat(found(page)).hasText("Nothing found");
    page.keyboard().press("Escape");
    assertThat(page.locator("#search")).isHidden();
    assertThat(page.locator("#log")).isFocused();
    chromium.troubles(); // the pattern that was refused
  }

  @Test
  void searchWalksThroughMoreHitsThanOnePageOfThem() {
    client.script(path + "?wait=60", "seq -f 'hit %.0f' 5000; seq 5000; echo 'hit last'");
    Page page = look(Look.WIDE, path + "#L1");
    assertThat(line(page, 1)).isInViewport();

    page.keyboard().press("/");
    page.keyboard().type("hit");
    assertThat(found(page)).hasText("1 of 5,001 lines");
    page.keyboard().press("Shift+Enter");
    assertThat(line(page, 10_001)).isInViewport();
    assertThat(found(page)).hasText("5,001 of 5,001 lines");
    page.keyboard().press("Shift+Enter");
    assertThat(line(page, 5000)).isInViewport();
    page.keyboard().press("Enter");
    assertThat(line(page, 10_001)).isInViewport();
    page.keyboard().press("Enter");
    assertThat(found(page)).hasText("1 of 5,001 lines");
  }

  @Test
  void searchGoesOnWhileTheLogGrows() throws IOException {
    client.script(
        path,
        "echo needle; %s; seq 1000; echo needle; %s; printf needle; %s; echo ' needle'; %s; echo end; sleep 600"
            .formatted(
                untilReleased("a"), untilReleased("b"), untilReleased("c"), untilReleased("d")));
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 1)).isInViewport();

    page.keyboard().press("/");
    page.keyboard().type("needle");
    assertThat(found(page)).hasText("1 of 1 line");
    release("a");

    assertThat(found(page)).hasText("1 of 2 lines");
    page.keyboard().press("Enter");
    assertThat(line(page, 1002)).isInViewport();
    release("b");
    assertThat(found(page)).hasText("2 of 3 lines");
    release("c"); // the line that was looked at before goes on
    assertThat(found(page)).hasText("2 of 3 lines, 4 hits");
    release("d");
    assertThat(found(page)).hasText("2 of 3 lines, 4 hits");
    client.post(path + "/cancel");
  }

  @Test
  void foldsShowTheirTitleAndTimeAndOpenForWhoIsSentThere() {
    client.script(
        path + "?wait=60",
        """
        echo '::group::Install'; seq 1000; sleep 1.1; echo '::endgroup::'
        echo '::group::Test'; seq 400; echo 'error: broken'; echo '::endgroup::'; exit 1
        """);
    Page page = look(Look.WIDE, path);
    Locator install = page.locator("#L1 .toggle");
    Locator test = page.locator("#L1003 .toggle");
    assertThat(line(page, 1405)).isInViewport();
    page.keyboard().press("g");

    assertThat(install).hasText("Install");
    assertThat(page.locator("#L1 .lasted")).hasText(Pattern.compile("1\\.\\d s"));
    assertThat(install).hasAttribute("aria-expanded", "false");
    assertThat(test).hasAttribute("aria-expanded", "true");
    assertThat(line(page, 2)).hasCount(0);
    shot(page, "log-folds");
    install.click();
    assertThat(line(page, 2)).hasText("1");
    install.click();
    assertThat(line(page, 2)).hasCount(0);

    page.evaluate("() => { location.hash = '#L500-L502' }");
    assertThat(line(page, 501)).isInViewport();
    assertThat(install).hasCount(0); // far above
    page.keyboard().press("g");
    assertThat(install).hasAttribute("aria-expanded", "true");
    page.keyboard().press("z");
    assertThat(install).hasAttribute("aria-expanded", "false");
    page.keyboard().press("z");
    assertThat(install).hasAttribute("aria-expanded", "true");

    page.keyboard().press("Shift+G");
    assertThat(line(page, 1405)).isInViewport();
    page.keyboard().press("z");
    assertThat(test).isInViewport(); // it hides the place now, and is where the reader is
    page.evaluate("() => { location.hash = '#L1100' }");
    assertThat(line(page, 1100)).isInViewport();
    long before = firstSeen(page);
    page.keyboard().press("z");
    assertThat(page.locator("[data-folds]")).hasText("Close folds");
    // A row at the very edge is seen or not by a fraction of a pixel.
    page.waitForCondition(() -> Math.abs(firstSeen(page) - before) <= 1);
  }

  @Test
  void readerWhoLeftTheMarkedLineStaysWhereHeIsWhenFoldsCome() throws IOException {
    client.script(
        path, "seq 1000; %s; echo '::group::Late'; seq 5; sleep 600".formatted(untilReleased("a")));
    Page page = look(Look.WIDE, path + "#L10");
    assertThat(line(page, 10)).isInViewport();
    page.locator("#log").hover();
    page.mouse().wheel(0, 6000);
    assertThat(line(page, 330)).isInViewport();
    release("a");

    assertThat(page.locator("[data-folds]")).isVisible();
    assertThat(line(page, 330)).isInViewport();
    client.post(path + "/cancel");
  }

  @Test
  void readerWhoLeftTheMarkedLineStaysWhereHeIsWhenTheFirstFoldsAreLate() {
    client.script(path + "?wait=60", "echo '::group::First'; seq 5; echo '::endgroup::'; seq 1000");
    Page page = chromium.page(Look.WIDE);
    List<Route> folds = new CopyOnWriteArrayList<>();
    page.route("**/folds", folds::add);
    page.navigate(SERVICE.url() + path + "#L10");
    assertThat(line(page, 10)).isInViewport();
    page.locator("#log").hover();
    page.mouse().wheel(0, 6000);
    assertThat(line(page, 330)).isInViewport();
    folds.forEach(Route::resume);

    assertThat(page.locator("[data-folds]")).isVisible();
    assertThat(line(page, 330)).isInViewport();
  }

  @Test
  void readerWhoScrolledBeforeTheScriptWasReadyStaysWhereHeIs() {
    client.script(path + "?wait=120", "seq 1000");
    for (String line : List.of("", "#L10")) {
      Page page = chromium.page(Look.WIDE);
      List<Route> lines = new CopyOnWriteArrayList<>();
      var released = new AtomicBoolean();
      page.route(
          "**/lines?*",
          route -> {
            if (released.get()) {
              route.resume();
            } else {
              lines.add(route);
            }
          });
      page.navigate(SERVICE.url() + path + line);
      page.locator("#log").hover();
      page.mouse().wheel(0, 6000);
      page.waitForCondition(() -> firstSeen(page) > 300);
      long before = firstSeen(page);
      page.waitForCondition(() -> !lines.isEmpty());
      released.set(true);
      lines.forEach(Route::resume);

      assertThat(page.locator("#log .space")).isVisible();
      assertThat(firstSeen(page)).isBetween(before - 1, before + 1);
    }
  }

  @Test
  void lineOfALinkIsAThirdFromTheTop() {
    client.script(path + "?wait=120", "seq 1000");
    for (String line : List.of("#L500", "#L500-L510")) {
      Page page = look(Look.WIDE, path + line);
      assertThat(page.locator("#log .space")).isVisible();
      page.waitForCondition(() -> Math.abs(500 - 12 - firstSeen(page)) <= 1);
    }
  }

  @Test
  void lineLongerThanAPageOfThemIsShownFromItsStart() throws IOException {
    client.script(
        path,
        "printf start; head -c 400000 /dev/zero | tr '\\0' x; %s; echo; echo last; sleep 600"
            .formatted(untilReleased("a")));
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#part-size")).containsText("400.0 kB");
    assertThat(line(page, 1)).hasText(Pattern.compile("^startx+"));
    release("a");

    assertThat(line(page, 2)).hasText("last");
    assertThat(line(page, 1)).hasText(Pattern.compile("^startx+"));
    client.post(path + "/cancel");
  }

  @Test
  void logThatIsTakenAwayWhileItIsReadIsToldOf() {
    client.script(path + "?wait=60", "seq 5000");
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 5000)).isInViewport();
    client.delete(path + "/attempts/1/log");

    page.keyboard().press("g");
    assertThat(page.locator("#connection")).hasText("No longer there");
    assertThat(chromium.troubles()).isNotEmpty().allMatch(trouble -> trouble.contains("410"));
  }

  @Test
  void firstErrorIsAboveTheLogAndAKeyAway() {
    client.script(
        path + "?wait=60",
        "seq 3000; echo 'src/app.c:3:5: error: expected ;'; seq 3002 6000; echo 'make: *** [all] Error 2'; exit 2");
    Page page = look(Look.WIDE, path);

    assertThat(page.locator(".excerpt .error .t")).hasText("src/app.c:3:5: error: expected ;");
    assertThat(line(page, 6001)).isInViewport();
    page.keyboard().press("e");
    assertThat(line(page, 3001)).isInViewport();
    assertThat(page).hasURL(Pattern.compile("#L3001$"));
    assertThat(page.locator("#L3001")).hasClass(Pattern.compile("\\bhit\\b"));
    shot(page, "log-first-error");
    page.keyboard().press("Shift+G");
    page.locator("a[data-error-line]").click();
    assertThat(line(page, 3001)).isInViewport();
    Page plain = look(Look.WIDE.withoutScript(), path);
    assertThat(plain.locator(".excerpt .error .t")).hasText("src/app.c:3:5: error: expected ;");
  }

  @Test
  void linesAreTimedAndWrappedOnRequestAndStaySo() {
    client.script(
        path + "?wait=60",
        "echo first; sleep 1.2; echo second; seq -s ' ' 2000; seq 600; echo last");
    Page page = look(Look.WIDE, path + "#L2");
    assertThat(line(page, 2)).isInViewport();

    page.keyboard().press("t");
    assertThat(page.locator("#L2 .at")).hasText(Pattern.compile("\\+[12]\\.\\d s"));
    page.keyboard().press("t");
    assertThat(page.locator("#L2 .at")).hasText(Pattern.compile("\\d\\d:\\d\\d:\\d\\d\\.\\d{3}"));
    page.keyboard().press("w");
    assertThat(line(page, 2)).isInViewport();
    assertThat((boolean) page.locator("#L3").evaluate("(row) => row.offsetHeight > 100")).isTrue();
    assertThat(
            (boolean) page.locator("#log").evaluate("(log) => log.scrollWidth <= log.clientWidth"))
        .isTrue();
    shot(page, "log-times-wrapped");
    page.keyboard().press("Shift+G");
    assertThat(line(page, 604)).isInViewport();
    page.keyboard().press("g");
    assertThat(line(page, 1)).isInViewport();

    page.reload();
    assertThat(page.locator("#L2 .at")).hasText(Pattern.compile("\\d\\d:\\d\\d:\\d\\d\\.\\d{3}"));
    assertThat(page.locator("[data-wrap]")).hasAttribute("aria-pressed", "true");
    page.keyboard().press("t");
    assertThat(page.locator(".at")).hasCount(0);
  }

  @Test
  void linesWrittenFasterThanAnybodyReadsAreFollowedAndBounded() throws IOException {
    client.script(path, untilReleased("a") + "; seq 600000; " + untilReleased("b") + "; echo end");
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#connection")).hasText("Live");
    release("a");

    assertThat(line(page, 600_000)).hasText("600000");
    assertThat(line(page, 600_000)).isInViewport();
    assertThat(page.locator("#log .line").count()).isLessThan(250);
    page.locator("#log").hover();
    page.mouse().wheel(0, -2000);
    assertThat(page.locator("[data-follow]")).hasAttribute("aria-pressed", "false");
    assertThat(line(page, 599_880)).isInViewport();
    page.evaluate("() => { location.hash = '#L600001' }");
    release("b");
    assertThat(line(page, 600_001)).hasText("end");
    assertThat(line(page, 600_001)).isInViewport();
  }

  @Test
  void progressIsOneChangingLine() throws IOException {
    client.script(
        path,
        "printf 'loading 10%%%%'; %s; printf '\\rloading 50%%%%'; %s; printf '\\rloading 100%%%%\\n'"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page page = look(Look.WIDE, path);

    assertThat(line(page, 1)).hasText("loading 10%");
    release("a");
    assertThat(line(page, 1)).hasText("loading 50%");
    release("b");
    assertThat(line(page, 1)).hasText("loading 100%");
    assertThat(page.locator("#log .line")).hasCount(1);
    assertThat(client.get(path + "/log").text())
        .isEqualTo("loading 10%\rloading 50%\rloading 100%\n");
  }

  @Test
  void permalinkIntoALogThatIsStillWrittenWaitsForItsLine() throws IOException {
    client.script(path, "seq 100; " + untilReleased("a") + "; seq 101 2000; sleep 600");
    Page page = look(Look.WIDE, path + "#L1200-L1202");
    assertThat(line(page, 100)).hasText("100");
    release("a");

    assertThat(line(page, 1201)).isInViewport();
    assertThat(page.locator(".hit")).hasCount(3);
    client.post(path + "/cancel");
  }

  @Test
  void markedLinesAreCopiedAsText() {
    client.script(
        path + "?wait=60", "seq 3000; printf '\\033[31mred\\033[0m and \\033[1mbold\\033[0m\\n'");
    Page page = look(Look.WIDE, path + "#L3000-L3001");
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    assertThat(page.locator(".hit")).hasCount(2);

    page.locator("[data-copy-log]").click();
    assertThat(page.locator("[data-copy-log]")).hasText("Copied 2 lines");

    assertThat(page.evaluate("() => navigator.clipboard.readText()"))
        .isEqualTo("3000\nred and bold\n");
    page.evaluate(
        "() => { window.board = navigator.clipboard;"
            + " Object.defineProperty(navigator, 'clipboard', {value: undefined});"
            + " location.hash = '#L2999-L9999' }"); // as over plain HTTP
    page.locator("[data-copy-log]").click();
    assertThat(page.locator("[data-copy-log]")).hasText("Copied 3 lines");
    assertThat(page.evaluate("() => board.readText()")).isEqualTo("2999\n3000\nred and bold\n");
  }

  @Test
  void paperShowsWhatIsAroundTheReader() {
    client.script(path + "?wait=60", "seq 5000");
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 5000)).isInViewport();

    page.evaluate("() => dispatchEvent(new Event('beforeprint'))");

    assertThat(page.locator(".paper .line").last()).hasText("5000");
    assertThat(page.locator(".paper .line").count()).isGreaterThan(400);
    page.evaluate("() => dispatchEvent(new Event('afterprint'))");
    assertThat(page.locator(".paper")).hasCount(0);
  }

  @Test
  void droppedStretchIsOneLineThatTellsOfIt() throws IOException {
    define(
        "short-log",
        "command: [sh, -euc, --, \"{script}\"]\nparams: { script: {} }\nlog-limit: 100KB\n");
    client.form(
        path + "?wait=60",
        "builder=short-log&script=" + Client.encoded("seq -f 'line %.0f' 100000"));
    Page page = look(Look.WIDE, path);

    assertThat(line(page, 100_000)).hasText("line 100000");
    page.keyboard().press("g");
    assertThat(line(page, 1)).hasText("line 1");
    page.evaluate("() => { location.hash = '#L50000' }");
    assertThat(page.locator(".marker .t")).containsText("dropped");
    assertThat(page.locator(".marker")).isInViewport();
    assertThat(page.locator(".away")).hasCount(0);
    shot(page, "log-dropped");
  }

  @Test
  void twentyTabsFollowAtOnceOverTheFewConnectionsOfABrowser() throws IOException {
    BrowserContext browser = chromium.page(Look.WIDE).context();
    List<Page> tabs = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      paths.add(path + "-" + i);
      client.script(
          paths.get(i), "echo begun %d; %s; echo done %d".formatted(i, untilReleased("a"), i));
      Page tab = browser.newPage();
      tabs.add(tab);
      tab.navigate(SERVICE.url() + paths.get(i));
      assertThat(tab.locator("#connection")).hasText("Live");
    }
    for (int i = 0; i < 4; i++) {
      assertThat(line(tabs.get(i), 1)).hasText("begun " + i);
    }
    release("a");

    for (int i = 0; i < 20; i++) {
      client.get(paths.get(i) + "?wait=60");
      assertThat(line(tabs.get(i), 2)).hasText("done " + i);
      assertThat(tabs.get(i).locator("#connection")).hasText("Ended");
      assertThat(tabs.get(i).locator("h1 .status")).hasText("succeeded");
    }
  }

  @Test
  void tabThatJoinsTheStreamOfAnotherHasEveryLine() throws IOException {
    client.script(
        path,
        "seq 3000; printf 'begun'; %s; echo ' ended'; seq 3002 6000; %s; echo last"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 3001)).hasText("begun");
    Page second = first.context().newPage();
    second.navigate(SERVICE.url() + path);
    assertThat(line(second, 3001)).hasText("begun");
    release("a");

    assertThat(line(second, 6000)).hasText("6000");
    second.evaluate("() => { location.hash = '#L3001' }");
    assertThat(line(second, 3001)).hasText("begun ended");
    assertThat(line(second, 3000)).hasText("3000");
    assertThat(line(second, 3002)).hasText("3002");
    first.close();
    release("b");
    second.keyboard().press("Shift+G");
    assertThat(line(second, 6001)).hasText("last");
    assertThat(second.locator("#connection")).hasText("Ended");
  }

  @Test
  void answerThatTheStreamIsAheadOfTakesNothingBack() throws IOException {
    client.script(
        path,
        "seq 3000; printf 'begun'; %s; printf ' ended%%100s\\n'; %s; seq 3002 6000"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 3001)).hasText("begun");
    Page second = first.context().newPage();
    List<Runnable> late = new CopyOnWriteArrayList<>();
    var released = new AtomicBoolean();
    second.route(
        "**/lines?*",
        route -> {
          if (released.get()) {
            route.resume();
          } else {
            APIResponse answer = route.fetch();
            late.add(() -> route.fulfill(new Route.FulfillOptions().setResponse(answer)));
          }
        });
    second.navigate(SERVICE.url() + path);
    second.waitForCondition(() -> late.size() >= 2); // its two pages of lines
    released.set(true);
    release("a");
    assertThat(line(first, 3001)).hasText("begun ended");
    assertThat(second.locator("#part-size")).containsText("14.0 kB");
    late.forEach(Runnable::run);

    assertThat(line(second, 3001)).hasText("begun ended");
    release("b");
    assertThat(line(second, 6000)).hasText("6000");
  }

  @Test
  void retryIsFollowedOnTheSamePage() throws IOException {
    define(
        "killed-once",
        """
        command: [sh, -c, 'echo "attempt $BUILD_ATTEMPT"; [ $BUILD_ATTEMPT != 1 ] || kill -KILL $$; echo fine']
        """);
    client.form(path, "builder=killed-once");
    Page page = look(Look.WIDE, path);

    assertThat(line(page, 1)).hasText("attempt 2");
    assertThat(line(page, 2)).hasText("fine");
    assertThat(page.locator("#log-title [data-attempt]")).hasText("2");
    assertThat(page.locator(".tools [download]"))
        .hasAttribute("href", path + "/attempts/2/log?follow=false");
    assertThat(page.locator(".tools [download]")).hasAttribute("download", key + "-2.log");
    assertThat(page.locator("#connection")).hasText("Ended");
    assertThat(page.locator(".attempts tbody tr")).hasCount(2);
    assertThat(page.locator(".attempts svg")).hasCount(2);
  }

  @Test
  void whoWaitsAndHowLongIsLeftIsTold() throws IOException {
    client.script(path + "?wait=60", "[ ! -e %s ] || sleep 600".formatted(folder.resolve("slow")));
    Files.createFile(folder.resolve("slow"));
    client.form("/rebuild", "build=true&key=" + key);
    Page page = look(Look.WIDE, path);

    assertThat(page.locator("[data-left]"))
        .hasText(Pattern.compile(", (about \\d+ s left|over it by \\d+ s)"));
    var asking = CompletableFuture.supplyAsync(() -> client.post(path + "?wait=60"));
    assertThat(page.getByText("1 caller")).isVisible();
    shot(page, "log-waiting");
    client.post(path + "/cancel");
    assertThat(asking.join().problem()).isEqualTo("not-successful");
  }

  @Test
  void outcomeThatTurnedIsTold() throws IOException {
    client.script(path + "?wait=60", "test ! -e " + folder.resolve("broken"));
    Files.createFile(folder.resolve("broken"));
    client.form(path + "?wait=60", "", "Cache-Control", "no-cache");
    Page page = look(Look.WIDE, path);

    assertThat(page.getByText("Attempt 1 succeeded of the same inputs.")).containsText("flaky");
    page.getByText("Rebuild…").click();
    button(page, "At the next ask").click();
    assertThat(page.locator("#part-head")).containsText("Rebuild requested");
    assertThat(client.get(path).text()).contains("\"rebuildRequested\":true", "\"number\":2");
  }

  @Test
  void nothingStandsInTheWayOfReaders() {
    client.script(
        path + "?wait=60",
        """
        echo '::group::Install'; seq 1000; echo '::endgroup::'; seq -s ' ' 200
        echo 'https://example.org/'; printf '\\033[41m ground \\033[0m\\n'; echo 'error: broken'; exit 1
        """);
    for (Look look : List.of(Look.WIDE, Look.WIDE.phone())) {
      for (Look seen : List.of(look.withoutPolicy(), look.withoutPolicy().dark())) {
        Page page = look(seen, path);
        assertThat(page.locator("#L1 .toggle")).isVisible();
        page.keyboard().press("/");
        page.keyboard().type("error");
        assertThat(found(page)).hasText("1 of 1 line");
        page.keyboard().press("Escape");
        page.keyboard().press("/");
        assertThat(found(page)).hasText("1 of 1 line");
        String name =
            "log-%s-%s"
                .formatted(
                    look.width() < 500 ? "phone" : "wide",
                    seen.scheme().name().toLowerCase(Locale.ROOT));
        shot(page, name);
        assertThat((int) page.evaluate("() => document.scrollingElement.scrollWidth"))
            .as(name)
            .isLessThanOrEqualTo(look.width());
        assertThat(new AxeBuilder(page).analyze().getViolations()).as(name).isEmpty();
        page.context().close();
      }
    }
  }

  private void define(String builder, String definition) throws IOException {
    Files.createDirectories(BUILDERS);
    Files.writeString(BUILDERS.resolve(builder + ".yaml"), definition);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> client.get("/builders/" + builder).status() == 200);
  }

  private Page look(Look look, String where) {
    Page page = chromium.page(look);
    page.navigate(SERVICE.url() + where);
    return page;
  }

  private static Locator line(Page page, long number) {
    return page.locator("#L" + number + " .t");
  }

  private static Locator found(Page page) {
    return page.locator("#search output");
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static String firstSeenScript() {
    return """
    (() => { const top = document.getElementById("log").getBoundingClientRect().top;
      const row = [...document.querySelectorAll("#log .line")]
        .find((line) => line.getBoundingClientRect().bottom > top + 8);
      return Number(row.id.slice(1)); })()""";
  }

  /** The number of the line at the top edge. */
  private static long firstSeen(Page page) {
    return ((Number) page.evaluate(firstSeenScript())).longValue();
  }

  /** Keeps a picture for people to look at. */
  private static void shot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(Path.of("target", "screenshots", name + ".png")));
  }

  /** A script's wait for {@link #release}. */
  private String untilReleased(String what) {
    return "while [ ! -e " + folder.resolve(what) + " ]; do sleep 0.1; done";
  }

  private void release(String what) throws IOException {
    Files.createFile(folder.resolve(what));
  }
}
