package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** A log that is written while it is read. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class LiveLogIT extends InBrowser {

  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  LiveLogIT() {
    super(SERVICE);
  }

  @Test
  void linesWrittenFasterThanAnybodyReadsAreFollowedAndBounded() throws IOException {
    script(path, untilReleased("a") + "; seq 600000; " + untilReleased("b") + "; echo end");
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
    script(
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
  void lineLongerThanAPageOfThemIsShownFromItsStart() throws IOException {
    script(
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
  void twentyTabsFollowAtOnceOverTheFewConnectionsOfABrowser() throws IOException {
    BrowserContext browser = chromium.page(Look.WIDE).context();
    List<Page> tabs = new ArrayList<>();
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      paths.add(path + "-" + i);
      script(paths.get(i), "echo begun %d; %s; echo done %d".formatted(i, untilReleased("a"), i));
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
    script(
        path,
        "seq 3000; printf 'begun'; %s; echo ' ended'; seq 3002 6000; %s; echo last"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 3001)).hasText("begun");
    Page second = nextTab(first);
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
    script(
        path,
        "seq 3000; printf 'begun'; %s; printf ' ended%%100s\\n'; %s; seq 3002 6000"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 3001)).hasText("begun");
    Page second = first.context().newPage();
    HeldBack lines = HeldBack.answers(second, "**/lines?*");
    second.navigate(SERVICE.url() + path);
    second.waitForCondition(() -> lines.count() >= 2); // its two pages of lines
    lines.stop();
    release("a");
    assertThat(line(first, 3001)).hasText("begun ended");
    assertThat(second.locator("#part-size")).containsText("14.0 kB");
    lines.release();

    assertThat(line(second, 3001)).hasText("begun ended");
    release("b");
    assertThat(line(second, 6000)).hasText("6000");
  }

  @Test
  void lineThatStaysOpenIsAskedForAsItGrowsOnly() throws IOException {
    script(
        path,
        "seq 100; printf dots; %s; for i in $(seq 30); do printf .; sleep 0.1; done; echo; %s"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 101)).hasText("dots");
    Page second = nextTab(first);
    assertThat(second.locator("#log .space")).isVisible();
    List<String> asked = new CopyOnWriteArrayList<>();
    second.onRequest(request -> asked.add(request.url()));
    long begin = System.nanoTime();
    release("a");

    assertThat(line(second, 101)).hasText("dots" + ".".repeat(30));
    long loads = asked.stream().filter(url -> url.contains("/lines?")).count();
    long halves = (System.nanoTime() - begin) / 500_000_000;
    assertThat(loads).isLessThanOrEqualTo(4 + halves);
    release("b");
  }

  @Test
  void tabThatWasHiddenAsALineEndedHasItWhole() throws IOException {
    script(
        path,
        "seq 100; printf begun; %s; echo ' ended'; %s"
            .formatted(untilReleased("a"), untilReleased("b")));
    Page first = look(Look.WIDE, path);
    assertThat(line(first, 101)).hasText("begun");
    Page second = nextTab(first);
    assertThat(second.locator("#log .space")).isVisible();
    assertThat(line(second, 101)).hasText("begun");
    hide(second, true);
    assertThat(second.locator("#connection")).hasText("Paused in the background");
    release("a");
    assertThat(line(first, 101)).hasText("begun ended");

    hide(second, false);
    assertThat(line(second, 101)).hasText("begun ended");
    release("b");
  }

  @Test
  void retryIsFollowedOnTheSamePage() throws IOException {
    define(
        "killed-once",
        """
        command: [sh, -c, 'echo "attempt $BUILD_ATTEMPT"; [ $BUILD_ATTEMPT != 1 ] || kill -KILL $$; echo fine']
        """);
    form(path, "builder=killed-once");
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
    script(path + "?wait=60", "[ ! -e %s ] || sleep 600".formatted(folder.resolve("slow")));
    Files.createFile(folder.resolve("slow"));
    form("/rebuild", "build=true&key=" + key);
    Page page = look(Look.WIDE, path);

    assertThat(page.locator("[data-left]"))
        .hasText(Pattern.compile(", (about \\d+ s left|over it by \\d+ s)"));
    var asking = CompletableFuture.supplyAsync(() -> client.post(path + "?wait=60"));
    assertThat(page.getByText("1 caller")).isVisible();
    shot(page, "log-waiting");
    client.post(path + "/cancel");
    assertThat(asking.join().problem()).isEqualTo("not-successful");
  }

  /** The same page in another tab of the same browser. */
  private Page nextTab(Page first) {
    Page next = first.context().newPage();
    next.navigate(first.url());
    return next;
  }
}
