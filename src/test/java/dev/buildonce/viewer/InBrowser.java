package dev.buildonce.viewer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.AriaRole;
import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import dev.buildonce.builds.Gated;
import dev.buildonce.viewer.Chromium.Look;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** What is tested by opening pages of a service in a browser, each test with a build of its own. */
abstract class InBrowser {

  static Chromium chromium;

  @TempDir Path folder;

  final Client client;
  final String key = "page-" + UUID.randomUUID();
  final String path = "/builds/" + key;
  private final ServiceProcess service;
  private final List<Path> defined = new ArrayList<>();

  InBrowser(ServiceProcess service) {
    this.service = service;
    this.client = new Client(service.url());
  }

  @BeforeAll
  static void openBrowser() {
    PlaywrightAssertions.setDefaultAssertionTimeout(Chromium.TIMEOUT);
    chromium = new Chromium();
  }

  @AfterAll
  static void closeBrowser() {
    chromium.close();
  }

  @AfterEach
  void pagesBrokeNothing() throws IOException {
    List<String> troubles = chromium.troubles();
    chromium.closePages();
    Chromium.count();
    for (Path builder : defined) {
      Files.delete(builder);
    }
    client.post(path + "/cancel"); // a test that failed leaves its runner to the next
    assertThat(troubles).isEmpty();
  }

  Page look(Look look, String where) {
    Page page = chromium.page(look);
    page.navigate(service.url() + where);
    return page;
  }

  /** Asks for a script, and again, as callers are told to, while the database is away. */
  void script(String path, String script) {
    Client.patiently(() -> client.script(path, script));
  }

  /** Sends a form, and again, as callers are told to, while the database is away. */
  void form(String path, String form) {
    Client.patiently(() -> client.form(path, form));
  }

  /** Adds a builder for the time of this test. */
  void define(String builder, String definition) throws IOException {
    Path builders = Files.createDirectories(service.home().resolve("builders"));
    defined.add(Files.writeString(builders.resolve(builder + ".yaml"), definition));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> client.get("/builders/" + builder).status() == 200);
  }

  static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  /** The text of a line of the log. */
  static Locator line(Page page, long number) {
    return page.locator("#L" + number + " .t");
  }

  /** The number of the line at the top edge of the log. */
  static long firstSeen(Page page) {
    return ((Number)
            page.evaluate(
                """
                () => { const top = document.getElementById("log").getBoundingClientRect().top;
                  const row = [...document.querySelectorAll("#log .line")]
                    .find((line) => line.getBoundingClientRect().bottom > top + 8);
                  return Number(row.id.slice(1)); }"""))
        .longValue();
  }

  /** As if another tab were in front of it: a browser without a window shows all of its tabs. */
  static void hide(Page page, boolean hidden) {
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
            + " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden);
  }

  /** Keeps a picture for people to look at. */
  static void shot(Page page, String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(Path.of("target", "screenshots", name + ".png")));
  }

  /** A script's wait for {@link #release(String)}. */
  String untilReleased(String what) {
    return new Gated(folder).script(what).strip();
  }

  void release(String what) throws IOException {
    new Gated(folder).open(what);
  }

  /** A script's wait for {@link #release()}. */
  String untilReleased() {
    return untilReleased("go");
  }

  void release() throws IOException {
    release("go");
  }
}
