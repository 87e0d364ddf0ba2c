package dev.buildonce.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pages over HTTP: who gets one, and with which headers. */
class PagesIT {

  private static final String BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
  private static final Pattern FILE = Pattern.compile("(?:href|src)=\"(/assets/[^\"]+)\"");

  private final Client client = new Client(ServiceProcess.shared().url());
  private final String key = "pages-" + UUID.randomUUID();
  private final String path = "/builds/" + key;

  @Test
  void browserGetsPagesWhereProgramsGetDocuments() {
    client.script(path + "?wait=60", "echo hello");

    for (String where : List.of(path, path + "/attempts/1")) {
      for (String accept :
          List.of(
              "*/*",
              "application/json",
              "text/html;q=0.5, application/json",
              "application/json, text/html")) {
        Reply document = client.get(where, "Accept", accept);
        assertThat(document.header("Content-Type")).as(accept).startsWith("application/json");
        assertThat(document.header("Vary")).contains("Accept");
      }
      for (String accept : List.of(BROWSER, "text/html", "application/json;q=0.5, text/html")) {
        Reply page = client.get(where, "Accept", accept);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).as(accept).isEqualTo("text/html;charset=utf-8");
        assertThat(String.join(",", page.headers().allValues("Vary"))).contains("Accept");
        assertThat(page.header("Cache-Control")).isEqualTo("no-cache");
      }
    }
  }

  @Test
  void eachRepresentationHasAnETagOfItsOwn() {
    client.script(path + "?wait=60", "echo hello");
    Reply page = client.get(path, "Accept", BROWSER);
    Reply document = client.get(path);

    assertThat(page.header("ETag")).isNotEmpty().isNotEqualTo(document.header("ETag"));
    Reply same = client.get(path, "Accept", BROWSER, "If-None-Match", page.header("ETag"));
    Reply other = client.get(path, "Accept", BROWSER, "If-None-Match", document.header("ETag"));
    client.form("/rebuild", "key=" + key);
    Reply changed = client.get(path, "Accept", BROWSER, "If-None-Match", page.header("ETag"));

    assertThat(same.status()).isEqualTo(304);
    assertThat(same.body()).isEmpty();
    assertThat(other.status()).isEqualTo(200);
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text()).contains("Rebuild requested");
  }

  @Test
  void pageAllowsNothingButOurOwnFiles() {
    client.script(path + "?wait=60", "echo hello");

    for (String where : List.of("/", path)) {
      Reply page = client.get(where, "Accept", BROWSER);
      assertThat(page.header("Content-Security-Policy"))
          .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(page.header("Referrer-Policy")).isEqualTo("same-origin");
      assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(page.text())
          .doesNotContain("style=", "<style", "javascript:")
          .doesNotContainPattern("<script[^>]*>[^<]");
    }
  }

  @Test
  void filesAreKeptForGoodAndOthersAreNotThere() {
    Matcher files = FILE.matcher(client.get("/", "Accept", BROWSER).text());
    List<String> paths = files.results().map(found -> found.group(1)).distinct().toList();

    assertThat(paths).hasSize(3);
    for (String file : paths) {
      Reply reply = client.get(file);
      assertThat(reply.status()).as(file).isEqualTo(200);
      assertThat(reply.header("Cache-Control")).isEqualTo("max-age=31536000, public, immutable");
      assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
    }
    String folder = paths.getFirst().replaceAll("[^/]+$", "");
    for (String none :
        List.of(
            folder,
            folder + "none.js",
            folder + "build.html",
            "/assets/0/page.css",
            folder + "..%2Fbuild.html",
            "/page.css",
            "/viewer/assets/page.css")) {
      assertThat(client.get(none).status()).as(none).isIn(400, 404);
      assertThat(client.get(none).header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void refusalsAreShownAsPages() {
    assertRefused("/builds/none-" + key, 404, "unknown-key");
    assertRefused("/builds/a%20b", 400, "invalid-key");
    assertRefused("/?status=lost", 422, "invalid-request");
    assertRefused("/?cursor=x", 422, "invalid-request");
    assertRefused("/?limit=501", 422, "invalid-request");
    assertRefused("/?statsu=failed", 422, "invalid-request");
    client.script(path + "?wait=60", "exit 1");
    assertRefused(path + "?tail=5", 422, "invalid-request");
    assertRefused(path + "?expect=success", 424, "not-successful");
    assertRefused(path + "/attempts/7", 404, "unknown-attempt");
  }

  private void assertRefused(String where, int status, String problem) {
    Reply page = client.get(where, "Accept", BROWSER);
    assertThat(page.status()).as(where).isEqualTo(status);
    assertThat(page.header("Content-Type")).as(where).isEqualTo("text/html;charset=utf-8");
    assertThat(page.text()).contains(">" + status + " " + problem);
  }

  @Test
  void listTakesFieldsThatAFormLeavesEmpty() {
    client.form(path + "?wait=60", "script=true&tag=a%26b%3D%22c%22");

    Reply list =
        client.get("/?prefix=" + key + "&status=&builder=&tag=&requester=", "Accept", BROWSER);

    assertThat(list.status()).isEqualTo(200);
    assertThat(list.text()).contains(key, "a&amp;b", "/?tag").contains("a%26b%3D%22c%22");
  }

  @Test
  void formDeletesAndLeadsToTheList() {
    client.script(path + "?wait=60", "true");

    Reply foreign =
        client.form(path + "/delete", "", "Accept", BROWSER, "Sec-Fetch-Site", "cross-site");
    Reply unknown = client.form(path + "/delete?now=1", "", "Accept", BROWSER);
    Reply deleted =
        client.form(path + "/delete", "", "Accept", BROWSER, "Sec-Fetch-Site", "same-origin");
    Reply again = client.form(path + "/delete", "");

    assertThat(foreign.status()).isEqualTo(403);
    assertThat(unknown.status()).isEqualTo(422);
    assertThat(deleted.status()).isEqualTo(303);
    assertThat(deleted.header("Location")).isEqualTo("/");
    assertThat(again.status()).isEqualTo(404);
    assertThat(client.get(path + "/delete").status()).isEqualTo(405);
  }

  @Test
  void formRemovesALogAndLeadsToItsAttempt() {
    client.script(path + "?wait=60", "echo leaked");
    String form = path + "/attempts/1/log/delete";

    Reply foreign = client.form(form, "", "Sec-Fetch-Site", "cross-site");
    Reply unknown = client.form(path + "/attempts/2/log/delete", "");
    Reply removed = client.form(form, "", "Accept", BROWSER, "Sec-Fetch-Site", "same-origin");

    assertThat(foreign.status()).isEqualTo(403);
    assertThat(unknown.problem()).isEqualTo("unknown-attempt");
    assertThat(removed.status()).isEqualTo(303);
    assertThat(removed.header("Location")).isEqualTo(path + "/attempts/1");
    assertThat(client.get(path + "/attempts/1/log").problem()).isEqualTo("log-removed");
    assertThat(client.get(path).json().path("status").asString()).isEqualTo("succeeded");
    assertThat(client.get(path, "Accept", BROWSER).text())
        .contains("This log was removed")
        .doesNotContain("Remove the log");
  }

  @Test
  void logThatIsStillWrittenIsNotRemoved() {
    client.script(path, "sleep 600");

    Reply refused = client.form(path + "/attempts/1/log/delete", "");
    client.post(path + "/cancel");

    assertThat(refused.problem()).isEqualTo("building");
    assertThat(client.form(path + "-none/attempts/1/log/delete", "").status()).isEqualTo(404);
  }

  @Test
  void buildUnderWayIsNotDeleted() {
    client.script(path, "sleep 600");

    Reply document = client.form(path + "/delete", "");
    Reply refused = client.form(path + "/delete", "", "Accept", BROWSER);
    client.post(path + "/cancel");

    assertThat(document.problem()).isEqualTo("building");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text()).contains(">409 building");
  }

  @Test
  void removedLogIsToldAndTheRestIsShown() {
    client.script(path + "?wait=60", "echo secret; exit 1");
    Reply removed = Client.send(client.request(path + "/attempts/1/log").DELETE());

    Reply page = client.get(path, "Accept", BROWSER);

    assertThat(removed.status()).isEqualTo(204);
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text())
        .contains("This log was removed")
        .doesNotContain("secret</span>", "Download");
  }
}
