package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The log on its page, as people read it. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class LogViewIT extends InBrowser {

  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  LogViewIT() {
    super(SERVICE);
  }

  @Test
  void longestLogOpensAtItsEndAndAnyLineIsAJumpAway() {
    script(path + "?wait=60", "seq 10000000");
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
    script(path + "?wait=60", "seq 3000000");
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
  void logThatIsTakenAwayWhileItIsReadIsToldOf() {
    script(path + "?wait=60", "seq 5000");
    Page page = look(Look.WIDE, path);
    assertThat(line(page, 5000)).isInViewport();
    client.delete(path + "/attempts/1/log");

    page.keyboard().press("g");
    assertThat(page.locator("#connection")).hasText("No longer there");
    assertThat(chromium.troubles()).isNotEmpty().allMatch(trouble -> trouble.contains("410"));
  }

  @Test
  void linesAreTimedAndWrappedOnRequestAndStaySo() {
    script(
        path + "?wait=60",
        "echo first; sleep 1.2; echo second; seq -s ' ' 2000; seq 600; echo last");
    Page page = look(Look.WIDE, path + "#L2");
    assertThat(line(page, 2)).isInViewport();

    page.keyboard().press("t");
    assertThat(page.locator("#L2 .at")).hasText(Pattern.compile("\\+[1-9][\\d.]* s"));
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
  void markedLinesAreCopiedAsText() {
    script(
        path + "?wait=60", "seq 3000; printf '\\033[31mred\\033[0m and \\033[1mbold\\033[0m\\n'");
    Page page = look(Look.WIDE, path + "#L3000-L3001");
    page.context().grantPermissions(List.of("clipboard-read", "clipboard-write"));
    assertThat(page.locator(".hit")).hasCount(2);

    page.evaluate(
        """
        () => {
          window.told = [];
          const label = document.querySelector("[data-copy-log]");
          new MutationObserver(() => told.push({text: label.textContent, at: performance.now()}))
            .observe(label, {childList: true});
        }
        """);

    page.locator("[data-copy-log]").click();
    awaitTold(page, "Copied 2 lines", 0);
    assertThat(page.evaluate("() => navigator.clipboard.readText()"))
        .isEqualTo("3000\nred and bold\n");
    page.evaluate(
        "() => { window.board = navigator.clipboard;"
            + " Object.defineProperty(navigator, 'clipboard', {value: undefined});"
            + " location.hash = '#L2999-L9999' }"); // as over plain HTTP
    page.locator("[data-copy-log]").click();
    double copied = awaitTold(page, "Copied 3 lines", 0);
    assertThat(page.evaluate("() => board.readText()")).isEqualTo("2999\n3000\nred and bold\n");
    assertThat(awaitTold(page, "Copy", copied) - copied).isGreaterThan(2490);
  }

  /** Waits until the button that copies has said so after some time, and tells when it did. */
  private static double awaitTold(Page page, String text, double after) {
    String said =
        "([text, after]) => told.find((each) => each.text === text && each.at > after)?.at";
    List<?> wanted = List.of(text, after);
    page.waitForCondition(() -> page.evaluate(said, wanted) != null);
    return ((Number) page.evaluate(said, wanted)).doubleValue();
  }

  @Test
  void paperShowsWhatIsAroundTheReader() {
    script(path + "?wait=60", "seq 5000");
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
    form(
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
  void outcomeThatTurnedIsTold() throws IOException {
    script(path + "?wait=60", "test ! -e " + folder.resolve("broken"));
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
    script(
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

  private static Locator found(Page page) {
    return page.locator("#search output");
  }
}
