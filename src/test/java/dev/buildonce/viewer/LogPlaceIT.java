package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.LoadState;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Where in a log a reader is, and stays, whatever comes. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class LogPlaceIT extends InBrowser {

  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  LogPlaceIT() {
    super(SERVICE);
  }

  @Test
  void readerOfAShortLogStaysWhereHeIsWhenTheScriptIsReady() {
    script(path + "?wait=60", "seq 200");
    Page page = chromium.page(Look.WIDE);
    HeldBack lines = HeldBack.requests(page, "**/lines?*");
    page.navigate(SERVICE.url() + path);
    page.locator("#log").hover();
    page.mouse().wheel(0, 1500);
    page.waitForCondition(() -> firstSeen(page) > 70 && lines.count() > 0);
    long before = firstSeen(page);
    lines.release();

    assertThat(page.locator("#log .space")).isVisible();
    assertThat(firstSeen(page)).isBetween(before - 1, before + 1);
  }

  @Test
  void placeThatIsAskedForBeforeTheLinesAreThereIsWhereTheLogBegins() {
    script(path + "?wait=60", "seq 3000");
    for (String key : List.of("Shift+G", "g")) {
      Page page = chromium.page(Look.WIDE);
      HeldBack lines = HeldBack.requests(page, "**/lines?*");
      page.navigate(SERVICE.url() + path + "#L1500");
      page.waitForCondition(() -> lines.count() > 0);
      page.locator("#log").hover();
      page.mouse().wheel(0, 600);
      page.waitForCondition(() -> firstSeen(page) > 2015);
      page.keyboard().press(key);
      lines.release();

      assertThat(page.locator("#log .space")).isVisible();
      assertThat(line(page, key.equals("g") ? 1 : 3000)).isInViewport();
    }
  }

  @Test
  void readerWhoWentElsewhereIsNotTakenToALineThatComesLater() throws IOException {
    script(path, "seq 1000; %s; seq 1001 3000; sleep 600".formatted(untilReleased("a")));
    Page page = look(Look.WIDE, path + "#L2000");
    assertThat(page.locator("#log .space")).isVisible();
    assertThat(line(page, 1000)).isInViewport();
    page.locator("#log").hover();
    page.mouse().wheel(0, -6000);
    page.waitForCondition(() -> firstSeen(page) < 700);
    release("a");

    assertThat(page.locator("#part-size")).containsText("3,000 lines");
    assertThat(firstSeen(page)).isLessThan(700);
    client.post(path + "/cancel");
  }

  @Test
  void wrappedLineOfALinkIsSeenWhenThoseAboveItComeLate() {
    script(path + "?wait=60", "yes \"$(seq -s ' ' 150)\" | head -n 3000");
    Page page = look(Look.WIDE.phone(), path);
    page.locator("[data-wrap]").click();
    assertThat(line(page, 3000)).isInViewport();

    page.evaluate("() => { location.hash = '#L1505' }");
    assertThat(line(page, 1500)).containsText("150");
    assertThat(line(page, 1505)).isInViewport();
  }

  @Test
  void closedFoldIsNotLoaded() {
    script(
        path + "?wait=60", "echo '::group::A'; seq 100000; echo '::endgroup::'; echo tail; seq 20");
    Page page = chromium.page(Look.WIDE);
    List<String> asked = new CopyOnWriteArrayList<>();
    page.onRequest(request -> asked.add(request.url()));
    page.navigate(SERVICE.url() + path + "#L1");

    assertThat(line(page, 100_003)).hasText("tail");
    assertThat(line(page, 100_023)).isInViewport();
    page.waitForLoadState(LoadState.NETWORKIDLE);
    assertThat(asked.stream().filter(url -> url.contains("/lines?"))).hasSizeLessThan(8);
  }

  @Test
  void lineOfALinkIsAThirdFromTheTop() {
    script(path + "?wait=60", "seq 1000");
    for (String line : List.of("#L500", "#L500-L510")) {
      Page page = look(Look.WIDE, path + line);
      assertThat(page.locator("#log .space")).isVisible();
      page.waitForCondition(() -> Math.abs(500 - 12 - firstSeen(page)) <= 1);
    }
  }

  @Test
  void permalinkIntoALogThatIsStillWrittenWaitsForItsLine() throws IOException {
    script(path, "seq 100; " + untilReleased("a") + "; seq 101 2000; sleep 600");
    Page page = look(Look.WIDE, path + "#L1200-L1202");
    assertThat(line(page, 100)).hasText("100");
    release("a");

    assertThat(line(page, 1201)).isInViewport();
    assertThat(page.locator(".hit")).hasCount(3);
    client.post(path + "/cancel");
  }

  @Test
  void foldsShowTheirTitleAndTimeAndOpenForWhoIsSentThere() {
    script(
        path + "?wait=60",
        """
        printf '\\033[0Ksection_start:100:i[collapsed=true]\\r\\033[0KInstall\\n'; seq 1000
        printf 'section_end:101:i\\r\\033[0K\\n'
        echo '::group::Test'; seq 400; echo 'error: broken'; echo '::endgroup::'; exit 1
        """);
    Page page = look(Look.WIDE, path);
    Locator install = page.locator("#L1 .toggle");
    Locator test = page.locator("#L1003 .toggle");
    assertThat(line(page, 1405)).isInViewport();
    page.keyboard().press("g");

    assertThat(install).hasText("Install");
    assertThat(page.locator("#L1 .lasted")).hasText("1.0 s");
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
    script(
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
    script(path + "?wait=60", "echo '::group::First'; seq 5; echo '::endgroup::'; seq 1000");
    Page page = chromium.page(Look.WIDE);
    HeldBack folds = HeldBack.requests(page, "**/folds");
    page.navigate(SERVICE.url() + path + "#L10");
    assertThat(line(page, 10)).isInViewport();
    page.locator("#log").hover();
    page.mouse().wheel(0, 6000);
    assertThat(line(page, 330)).isInViewport();
    folds.release();

    assertThat(page.locator("[data-folds]")).isVisible();
    assertThat(line(page, 330)).isInViewport();
  }

  @Test
  void readerWhoScrolledBeforeTheScriptWasReadyStaysWhereHeIs() {
    script(path + "?wait=60", "seq 1000");
    for (String line : List.of("", "#L10")) {
      Page page = chromium.page(Look.WIDE);
      HeldBack lines = HeldBack.requests(page, "**/lines?*");
      page.navigate(SERVICE.url() + path + line);
      page.locator("#log").hover();
      page.mouse().wheel(0, 6000);
      page.waitForCondition(() -> firstSeen(page) > 300);
      long before = firstSeen(page);
      page.waitForCondition(() -> lines.count() > 0);
      lines.release();

      assertThat(page.locator("#log .space")).isVisible();
      assertThat(firstSeen(page)).isBetween(before - 1, before + 1);
    }
  }

  @Test
  void firstErrorIsAboveTheLogAndAKeyAway() {
    script(
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
}
