package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The search in a log on its page. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class LogSearchIT extends InBrowser {

  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  LogSearchIT() {
    super(SERVICE);
  }

  @Test
  void searchCountsAllHitsAndWalksThroughThem() {
    script(
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
    script(path + "?wait=60", "seq -f 'hit %.0f' 5000; seq 5000; echo 'hit last'");
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
    script(
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
  void searchThatCouldNotGoOnIsTriedAgainWithoutAnotherLine() throws IOException {
    script(path, "echo needle; %s; echo needle; sleep 600".formatted(untilReleased("a")));
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 1)).isInViewport();
    page.keyboard().press("/");
    page.keyboard().type("needle");
    assertThat(found(page)).hasText("1 of 1 line");
    AtomicInteger refused = new AtomicInteger();
    page.route(
        "**/search?*",
        route -> {
          refused.incrementAndGet();
          route.fulfill(new Route.FulfillOptions().setStatus(503).setBody("{}"));
        });
    release("a");
    page.waitForCondition(() -> refused.get() > 0);
    page.unroute("**/search?*");

    assertThat(found(page)).hasText("1 of 2 lines");
    client.post(path + "/cancel");
  }

  private static Locator found(Page page) {
    return page.locator("#search output");
  }
}
