package dev.buildonce.viewer;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.KeyboardModifier;
import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The pages in a browser, as people use them. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class BrowserIT extends InBrowser {

  private static final String MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>";

  /** The colours that builds use, and a line that is written over. */
  private static final String COLOURS =
      """
      i=0; while [ $i -lt 16 ]; do printf '\\033[%dmcolour %d\\033[0m ' $((i < 8 ? 30 + i : 82 + i)) $i; i=$((i+1)); done; echo
      i=0; while [ $i -lt 16 ]; do printf '\\033[%dmground %d\\033[0m ' $((i < 8 ? 40 + i : 92 + i)) $i; i=$((i+1)); done; echo
      printf '\\033[38;5;196mcube\\033[0m \\033[38;5;226myellow\\033[0m \\033[38;5;16mblack\\033[0m \\033[38;2;255;250;240mwhite\\033[0m \\033[7minverse\\033[0m \\033[2mdim\\033[0m \\033[1;4mbold underline\\033[0m\\n'
      printf 'progress 10%%\\rprogress 55%%\\rprogress 100%%\\n'
      """;

  private static final ServiceProcess SERVICE = ServiceProcess.shared();

  BrowserIT() {
    super(SERVICE);
  }

  @Test
  void liveBuildIsSeenUntilItsEndWithoutLoadingThePageAgain() throws IOException {
    script(path, "echo first line; " + untilReleased() + "; echo 'error: broken' >&2; exit 3");
    Page page = look(Look.WIDE, path);
    page.evaluate("() => window.sameDocument = true");

    assertThat(page.locator("#L1 .t")).hasText("first line");
    assertThat(page.locator("#connection")).hasText("Live");
    assertThat(page).hasTitle(Pattern.compile("^running · .*" + key + "$"));
    assertThat(icon(page)).hasAttribute("href", Pattern.compile("icon-running\\.svg$"));
    shot(page, "build-running");
    release();

    assertThat(page.locator("#L2 .t")).hasText("error: broken");
    assertThat(page.locator("#connection")).hasText("Ended");
    assertThat(page.locator("h1 .status")).hasText("failed");
    assertThat(page.locator(".failure")).containsText("error: broken (exit 3)");
    assertThat(page).hasTitle(Pattern.compile("^failed · "));
    assertThat(icon(page)).hasAttribute("href", Pattern.compile("icon-failed\\.svg$"));
    assertThat(page.getByText("Cancel…")).hasCount(0);
    assertThat(page.evaluate("() => window.sameDocument")).isEqualTo(true);
  }

  @Test
  void formsOfTheBuildRebuildCancelAndDelete() {
    script(path + "?wait=60", "echo built");
    Page page = look(Look.WIDE, path);

    page.getByText("Rebuild…").click();
    page.getByLabel("Why").first().fill("flaky <network>");
    shot(page, "build-rebuild");
    button(page, "Rebuild now").click();
    assertThat(page).hasURL(SERVICE.url() + path);
    assertThat(page.locator("#log-title [data-attempt]")).hasText("2");
    assertThat(page.locator("#connection")).hasText("Ended");

    client.form(path + "?wait=0", "", "Cache-Control", "no-cache");
    client.post(path + "/cancel");
    client.get(path + "?wait=30");
    page.reload();
    page.getByText("Delete…").click();
    button(page, "Delete for good").click();

    assertThat(page).hasURL(SERVICE.url() + "/");
    assertThat(client.get(path).status()).isEqualTo(404);
  }

  @Test
  void cancelEndsTheBuild() {
    script(path, "echo begun; sleep 600");
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#L1 .t")).hasText("begun");

    page.getByText("Cancel…").click();
    button(page, "Cancel attempt 1").click();

    assertThat(page).hasURL(SERVICE.url() + path);
    assertThat(page.locator("#connection")).hasText("Ended");
    assertThat(page.locator("h1 .status")).hasText("unbuilt");
    assertThat(page.locator(".facts .status")).hasText("cancelled");
  }

  @Test
  void whatBuildsSayNeverBecomesMarkup() {
    form(
        path + "?wait=60",
        "script="
            + Client.encoded(
                "echo \"$0 "
                    + MARKUP
                    + "\"; echo '\""
                    + MARKUP
                    + "\"' > $BUILD_VALUE; echo '"
                    + MARKUP
                    + "' >&2; exit 1")
            + "&title="
            + Client.encoded(MARKUP)
            + "&tag="
            + Client.encoded("t=" + MARKUP)
            + "&requester="
            + Client.encoded(MARKUP));

    for (String where :
        List.of(
            path,
            path + "/attempts/1",
            "/?prefix=" + key + "&tag=" + Client.encoded("t=" + MARKUP))) {
      for (Look look : List.of(Look.WIDE, Look.WIDE.withoutScript())) {
        Page page = look(look, where);
        assertThat(page.getByText(MARKUP).first()).isVisible();
        assertThat(page.locator("script:not([src]), img[src=x]")).hasCount(0);
      }
    }
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#connection")).hasText("Ended");
    assertThat(page.locator("#L2 .t")).hasText(MARKUP);
    assertThat(page.locator(".more-facts pre").first()).containsText(MARKUP);
  }

  @Test
  void withoutScriptTheEndOfALongLogIsThere() {
    script(path + "?wait=60", "seq -f 'line %.0f' 5000; printf '\\033[31mlast\\033[0m\\rLAST\\n'");
    Page page = look(Look.WIDE.withoutScript(), path);

    assertThat(page.locator("#log .line")).hasCount(1000);
    assertThat(page.locator("#L5000 .t")).hasText("line 5000");
    assertThat(page.locator("#L5001 .t")).hasText("LAST");
    assertThat(page.locator(".sent")).hasText("4,001 earlier lines: those before, the first ones");
    shot(page, "build-noscript");
    link(page, "those before").click();
    assertThat(page.locator("#log .line")).hasCount(1000);
    assertThat(page.locator("#L3002 .t")).hasText("line 3002");
    link(page, "the first ones").click();
    assertThat(page.locator("#L1 .t")).hasText("line 1");
    link(page, "Later lines").click();
    assertThat(page.locator("#log .line").first()).hasAttribute("id", "L1001");
    link(page, "the last ones").click();
    assertThat(page.locator("#L5001 .t")).hasText("LAST");
    page.getByText("Delete…").click();
    button(page, "Delete for good").click();

    assertThat(page).hasURL(SERVICE.url() + "/");
    assertThat(client.get(path).status()).isEqualTo(404);
  }

  @Test
  void coloursAndLinesWrittenOverAreDrawnAsATerminalWould() {
    script(path + "?wait=60", COLOURS);
    Page page = look(Look.WIDE, path);

    assertThat(page.locator("#L1 .f1")).hasText("colour 1");
    assertThat(page.locator("#L3 .b.u")).hasText("bold underline");
    assertThat(page.locator("#L4 .t")).hasText("progress 100%");
    assertThat(page.locator("#L3 .fx").first().evaluate("e => e.style.getPropertyValue('--fx')"))
        .isEqualTo("#ff0000");
  }

  @Test
  void permalinksNameLinesAndRanges() {
    script(path + "?wait=60", "seq -f 'line %.0f' 4000");
    Page page = look(Look.WIDE, path + "#L2500-L2502");

    assertThat(page.locator("#L2501")).isInViewport();
    assertThat(page.locator(".hit .t"))
        .hasText(new String[] {"line 2500", "line 2501", "line 2502"});
    assertThat(page.locator("#connection")).hasText("Ended");
    page.locator("#L2510 .n").click();
    assertThat(page).hasURL(Pattern.compile("#L2510$"));
    page.locator("#L2505 .n")
        .click(new Locator.ClickOptions().setModifiers(List.of(KeyboardModifier.SHIFT)));
    assertThat(page).hasURL(Pattern.compile("#L2505-L2510$"));
    assertThat(page.locator(".hit")).hasCount(6);

    Page early = look(Look.WIDE, path + "#L12");
    assertThat(early.locator("#L12 .t")).hasText("line 12");
    assertThat(early.locator("#L12")).isInViewport();
    assertThat(early.locator("#L4000")).not().isInViewport();
  }

  @Test
  void readerWhoScrollsUpIsNotDraggedAlong() throws IOException {
    script(path, "seq 200; " + untilReleased() + "; seq 201 240; sleep 600");
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#L200")).isInViewport();

    page.locator("#log").hover();
    page.mouse().wheel(0, -600);
    assertThat(page.locator("[data-follow]")).hasAttribute("aria-pressed", "false");
    release();

    assertThat(page.locator(".more")).hasText("40 new lines ↓");
    assertThat(page.locator("#L240")).not().isInViewport();
    page.locator(".more").click();
    assertThat(page.locator("#L240")).isInViewport();
    assertThat(page.locator(".more")).isHidden();
    client.post(path + "/cancel");
  }

  @Test
  void brokenConnectionIsToldAndLosesNothing() throws IOException {
    script(path, "echo one; " + untilReleased() + "; echo two");
    Page page = chromium.page(Look.WIDE);
    // Requests of a shared worker cannot be answered in its place: here the page has its own.
    page.addInitScript("delete globalThis.SharedWorker");
    page.route(
        "**" + path + "/log",
        route -> route.fulfill(new Route.FulfillOptions().setStatus(503).setBody("{}")));
    page.navigate(SERVICE.url() + path);

    assertThat(page.locator("#connection")).containsText("Connection lost");
    page.unroute("**" + path + "/log");
    assertThat(page.locator("#connection")).hasText("Live");
    release();

    assertThat(page.locator("#log .t")).hasText(new String[] {"one", "two"});
  }

  @Test
  void endIsShownOnceThePageCanBeLoadedAgain() throws IOException {
    script(path, "echo begun; " + untilReleased());
    Page page = look(Look.WIDE, path);
    assertThat(page.locator("#connection")).hasText("Live");
    assertThat(page.locator("h1 .status")).hasText("running");
    AtomicInteger refused = new AtomicInteger();
    page.route(
        "**" + path,
        route -> {
          refused.incrementAndGet();
          route.fulfill(new Route.FulfillOptions().setStatus(503).setBody("{}"));
        });
    int before = refused.get();
    release();
    assertThat(page.locator("#connection")).hasText("Ended");
    page.waitForCondition(() -> refused.get() > before);
    page.unroute("**" + path);

    assertThat(page.locator("h1 .status")).hasText("succeeded");
  }

  @Test
  void everythingIsWithinReachOfTheKeyboard() {
    script(path + "-1?wait=60", "seq 500");
    script(path + "-2?wait=60", "seq 500");
    Page page = look(Look.WIDE, "/?prefix=" + key);

    page.keyboard().press("j");
    page.keyboard().press("j");
    assertThat(page.locator(".builds .title").nth(1)).isFocused();
    page.keyboard().press("/");
    assertThat(page.getByLabel("Key starts with")).isFocused();
    page.keyboard().type("j?");
    assertThat(page.locator("#keys")).isHidden();
    page.locator(".builds .title").first().focus();
    page.keyboard().press("Enter");
    assertThat(page).hasURL(SERVICE.url() + path + "-2");
    assertThat(page.locator("#connection")).hasText("Ended");
    page.keyboard().press("g");
    assertThat(page.locator("#L1")).isInViewport();
    page.keyboard().press("Shift+G");
    assertThat(page.locator("#L500")).isInViewport();
    page.keyboard().press("w");
    assertThat(page.locator("[data-wrap]")).hasAttribute("aria-pressed", "true");
    page.keyboard().press("a");
    page.keyboard().press("Enter");
    page.keyboard().press("Tab");
    assertThat(page.getByLabel("Why").first()).isFocused();
    page.keyboard().press("Escape");
    assertThat(page.locator("details[open]")).hasCount(0);
    page.keyboard().press("?");
    assertThat(page.locator("#keys")).isVisible();
    shot(page, "keys");
    page.getByLabel("Single keys are shortcuts").uncheck();
    page.keyboard().press("Escape");
    page.keyboard().press("?");
    assertThat(page.locator("#keys")).isHidden();
  }

  @Test
  void filtersAndPagesAreInTheUrl() {
    for (int i = 0; i < 3; i++) {
      form(path + "-" + i + "?wait=60", "script=exit+" + i + "&tag=" + Client.encoded("t=" + key));
    }
    Page page = look(Look.WIDE, "/?tag=" + Client.encoded("t=" + key) + "&limit=2");

    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-2", key + "-1"});
    link(page, "Older").click();
    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-0"});
    link(page, "Latest").click();
    page.getByLabel("Status").selectOption("failed");
    button(page, "Filter").click();

    assertThat(page).hasURL(Pattern.compile("/\\?status=failed&tag=t%3D" + key + "&limit=2$"));
    assertThat(page.locator(".builds .key")).hasText(new String[] {key + "-2", key + "-1"});
  }

  @Test
  void nothingStandsInTheWayOfReaders() throws IOException {
    form(
        path + "-ended?wait=60",
        "script="
            + Client.encoded(
                COLOURS
                    + "echo '{\"version\": \"1.2\"}' > $BUILD_VALUE; echo 'error: it is broken' >&2; exit 1")
            + "&tag=repo=app&tag=branch=a-long-branch-name");
    script(path + "-" + "x".repeat(200) + "?wait=60", "echo " + "y".repeat(400));
    script(path + "-live", "echo begun; " + untilReleased());
    List<String> onPhones = List.of("/?prefix=" + key, path + "-ended");
    List<String> all =
        List.of("/?prefix=" + key, path + "-ended", path + "-live", "/builds/none-" + key);
    for (Look look : List.of(Look.WIDE, Look.WIDE.phone())) {
      for (Look seen : List.of(look.withoutPolicy(), look.withoutPolicy().dark())) {
        for (String where : look.width() < 500 ? onPhones : all) {
          assertNothingStandsInTheWay(where, seen);
        }
      }
    }
    chromium.troubles().forEach(trouble -> assertThat(trouble).contains("404"));
    release();
  }

  private void assertNothingStandsInTheWay(String where, Look look) {
    Page page = look(look, where);
    if (where.startsWith(path)) {
      assertThat(page.locator("#connection")).hasText(Pattern.compile("Ended|Live"));
    }
    String name =
        "%s-%s-%s"
            .formatted(
                where
                    .replaceAll("^/\\?.*", "list")
                    .replaceAll(".*none-.*", "problem")
                    .replaceAll(".*-", ""),
                look.width() < 500 ? "phone" : "wide",
                look.scheme().name().toLowerCase(Locale.ROOT));
    shot(page, name);
    assertThat((int) page.evaluate("() => document.scrollingElement.scrollWidth"))
        .as(name)
        .isLessThanOrEqualTo(look.width());
    assertThat(new AxeBuilder(page).analyze().getViolations()).as(name).isEmpty();
    page.context().close();
  }

  private static Locator icon(Page page) {
    return page.locator("link[rel=icon]");
  }

  private static Locator link(Page page, String name) {
    return page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
  }
}
