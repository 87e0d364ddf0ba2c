package dev.buildonce.viewer;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The system's Chromium. Whatever a page breaks of its content security policy, throws, or writes
 * as an error to the console is kept as trouble; not that the service was unavailable for a moment,
 * which pages get over.
 */
public final class Chromium implements AutoCloseable {

  static final double TIMEOUT = 15_000;

  private static final String UNAVAILABLE = "status of 503";

  private static final AtomicInteger TESTS = new AtomicInteger();

  private final Playwright playwright;
  private final Browser browser;
  private final List<String> troubles = new CopyOnWriteArrayList<>();

  /** Starts it, without a window. */
  public Chromium() {
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions().setExecutablePath(executable().orElseThrow()));
  }

  /** Whether there is one on the path. */
  public static boolean isInstalled() {
    return executable().isPresent();
  }

  private static Optional<Path> executable() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** How a reader looks at pages. */
  public record Look(int width, int height, ColorScheme scheme, boolean script, boolean policy) {
    /** A window on a desk. */
    public static final Look WIDE = new Look(1280, 900, ColorScheme.LIGHT, true, true);

    Look phone() {
      return new Look(390, 844, scheme, script, policy);
    }

    Look dark() {
      return new Look(width, height, ColorScheme.DARK, script, policy);
    }

    Look withoutScript() {
      return new Look(width, height, scheme, false, policy);
    }

    /** Lets a tool put its script into pages, which their policy forbids. */
    Look withoutPolicy() {
      return new Look(width, height, scheme, script, false);
    }
  }

  /** A page of a browser of its own. */
  public Page page(Look look) {
    BrowserContext context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(look.width(), look.height())
                .setColorScheme(look.scheme())
                .setJavaScriptEnabled(look.script())
                .setBypassCSP(!look.policy()));
    context.setDefaultTimeout(TIMEOUT);
    Page page = context.newPage();
    page.onPageError(troubles::add);
    page.onConsoleMessage(
        message -> {
          boolean error = message.type().equals("error") && !message.text().contains(UNAVAILABLE);
          if (error || message.text().contains("Security Policy")) {
            troubles.add(message.text() + " at " + message.location());
          }
        });
    page.onDialog(dialog -> troubles.add("A dialog: " + dialog.message()));
    return page;
  }

  /** What went wrong in pages since this was asked last. */
  List<String> troubles() {
    List<String> seen = List.copyOf(troubles);
    troubles.clear();
    return seen;
  }

  void closePages() {
    List.copyOf(browser.contexts()).forEach(BrowserContext::close);
  }

  /** Leaves the number of tests that ran in a browser in {@code target/browser-tests}. */
  static void count() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "browser-tests"));
      Files.writeString(
          folder.resolve("" + ProcessHandle.current().pid()), TESTS.incrementAndGet() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    browser.close();
    playwright.close();
  }
}
