package dev.buildonce.builders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import dev.buildonce.ServiceProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The builder {@code git} with real repositories, as the jar ships it. */
class GitBuilderIT {
  @TempDir static Path directory;
  static ServiceProcess service;
  static Client client;

  @BeforeAll
  static void start() throws IOException {
    Path home = Files.createTempDirectory("buildonce-").toRealPath();
    Files.createDirectories(home.resolve("builders"));
    String shipped = Files.readString(Path.of("src/main/resources/builders/git.yaml"));
    // A protocol in which a server gives only what its refs name.
    Files.writeString(
        home.resolve("builders/old-git.yaml"),
        shipped.replace(
            "env:\n",
            "env:\n  GIT_CONFIG_COUNT: 1\n  GIT_CONFIG_KEY_0: protocol.version\n  GIT_CONFIG_VALUE_0: 0\n"));
    service =
        ServiceProcess.builder()
            .home(home)
            .environment("GIT_DIR", "/nowhere") // nothing of the service's user counts
            .environment("GIT_CONFIG_GLOBAL", "/nowhere")
            .start();
    client = new Client(service.url());
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** A repository to fetch from. */
  private record Remote(Path path) {

    static Remote create(String name, String... options) throws Exception {
      var remote = new Remote(directory.resolve(name));
      Files.createDirectories(remote.path());
      remote.git("init", "--quiet", "--initial-branch=main", String.join(" ", options).strip());
      return remote;
    }

    String git(String... arguments) throws Exception {
      var command =
          Stream.concat(
                  Stream.of("git", "-c", "user.name=n", "-c", "user.email=e@example"),
                  Stream.of(arguments).filter(argument -> !argument.isEmpty()))
              .toList();
      Process process =
          new ProcessBuilder(command).directory(path.toFile()).redirectErrorStream(true).start();
      // What it prints fits into the pipe.
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        fail(command + " does not end");
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.exitValue()).as(command + ": " + output).isZero();
      return output.strip();
    }

    String commit(String content) throws Exception {
      Files.writeString(path.resolve("file"), content + "\n");
      git("add", ".");
      git("commit", "--quiet", "--allow-empty", "-m", content);
      return git("rev-parse", "HEAD");
    }

    String tree(String commit) throws Exception {
      return git("rev-parse", commit + "^{tree}");
    }
  }

  private static Reply ask(String builder, String key, Map<String, String> params) {
    return client.form(
        "/builds/" + key + "?wait=60",
        "builder="
            + builder
            + params.entrySet().stream()
                .map(entry -> "&" + entry.getKey() + "=" + Client.encoded(entry.getValue()))
                .collect(Collectors.joining()));
  }

  private static Reply ask(Remote remote, String commit, String script) throws Exception {
    return ask("git", fresh(), params(remote, commit, script));
  }

  /** Asks when the cache is free again, which it is a moment after the answer before. */
  private static Reply askAlone(Remote remote, String commit, String script) throws Exception {
    awaitNoRuns();
    return ask(remote, commit, script);
  }

  private static void awaitNoRuns() {
    await().untilAsserted(() -> assertThat(service.home().resolve("runs")).isEmptyDirectory());
  }

  private static Map<String, String> params(Remote remote, String commit, String script)
      throws Exception {
    return Map.of(
        "repo",
        remote.path().toString(),
        "tree",
        remote.tree(commit),
        "commit",
        commit,
        "script",
        script);
  }

  private static String fresh() {
    return "git-" + UUID.randomUUID();
  }

  private static String log(Reply reply) {
    return client.get(path(reply) + "/log").text();
  }

  private static String path(Reply reply) {
    JsonNode document = reply.json();
    return "/builds/"
        + (document.has("build") ? document.path("build") : document).path("key").asString();
  }

  private static JsonNode attempt(Reply reply) {
    JsonNode document = reply.json();
    return (document.has("build") ? document.path("build") : document).path("attempt");
  }

  private static void assertNoVerdict(Reply reply, String says) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(424);
    assertThat(attempt(reply).path("status").asString()).isEqualTo("errored");
    assertThat(attempt(reply).path("exitCode").asInt()).isEqualTo(75);
    assertThat(attempt(reply).path("failure").asString()).contains(says);
    assertThat(reply.json().path("build").path("outcome").isNull()).isTrue();
  }

  @Test
  void scriptRunsInACheckoutOfTheTree() throws Exception {
    Remote remote = Remote.create("plain");
    remote.commit("one");
    String commit = remote.commit("two");

    Reply reply =
        ask(
            remote,
            commit,
            "cat file; git status --porcelain; git rev-parse HEAD; git log --format=%s; git remote get-url origin");

    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(reply.json().path("status").asString()).isEqualTo("succeeded");
    assertThat(reply.json().path("title").asString()).startsWith("cat file;");
    assertThat(log(reply))
        .isEqualTo(
            "git builder: commit %s, tree %s\ntwo\n%s\ntwo\n%s\n"
                .formatted(commit, remote.tree(commit), commit, remote.path()));
  }

  @Test
  void scriptThatFailsIsAVerdictAndIsKept() throws Exception {
    Remote remote = Remote.create("failing");
    String commit = remote.commit("one");

    Reply failed = ask(remote, commit, "echo no such luck; false; echo not reached");
    Reply dash = ask(remote, commit, "-x");

    assertThat(failed.json().path("status").asString()).isEqualTo("failed");
    assertThat(attempt(failed).path("failure").asString()).isEqualTo("no such luck (exit 1)");
    assertThat(attempt(dash).path("exitCode").asInt()).isEqualTo(127);
  }

  @ParameterizedTest
  @CsvSource({"git, HEAD", "git, side", "old-git, HEAD", "old-git, refs/heads/side"})
  void commitNeedNotBeWhereItsBranchIsNow(String builder, String ref) throws Exception {
    Remote remote = Remote.create("moved-" + builder + "-" + ref.replace('/', '-'));
    String commit = remote.commit("one");
    for (int i = 0; i < 5; i++) {
      remote.commit("more " + i);
    }
    remote.git("branch", "side");

    Map<String, String> params =
        Map.of(
            "repo",
            "file://" + remote.path(),
            "tree",
            remote.tree(commit),
            "commit",
            commit,
            "ref",
            ref,
            "script",
            "cat file; git status --porcelain");
    Reply reply = ask(builder, fresh(), params);

    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(log(reply)).endsWith("\none\n");
  }

  @Test
  void twoCommitsWithOneTreeAreOneBuild() throws Exception {
    Remote remote = Remote.create("amended");
    String commit = remote.commit("one");
    remote.git("commit", "--quiet", "--amend", "-m", "said better");
    String amended = remote.git("rev-parse", "HEAD");
    String key = fresh();

    Reply first = ask("git", key, params(remote, commit, "cat file"));
    Reply second = ask("git", key, params(remote, amended, "cat file"));

    assertThat(amended).isNotEqualTo(commit);
    assertThat(first.status()).as(first.text()).isEqualTo(200);
    assertThat(second.header("Cache-Status")).isEqualTo("buildonce; hit");
  }

  @Test
  void laterBuildTakesTheCommitFromTheCacheAndARemoteThatIsAwayIsNoVerdict() throws Exception {
    Remote remote = Remote.create("offline");
    String commit = remote.commit("one");
    assertThat(ask(remote, commit, "cat file").status()).isEqualTo(200);
    String unseen = remote.commit("two");
    String key = fresh();
    Map<String, String> unseenParams = params(remote, unseen, "cat file");
    Map<String, String> seenParams = params(remote, commit, "cat file; cat file");
    Path away = directory.resolve("offline-away");
    Files.move(remote.path(), away);
    awaitNoRuns();

    Reply cached = ask("git", fresh(), seenParams);
    Reply unreachable = ask("git", key, unseenParams);

    assertThat(cached.status()).as(cached.text()).isEqualTo(200);
    assertNoVerdict(unreachable, "cannot fetch HEAD of " + remote.path());
    Files.move(away, remote.path());
    Reply again = ask("git", key, unseenParams);
    assertThat(again.status()).as(again.text()).isEqualTo(200);
    assertThat(log(again)).endsWith("\ntwo\n");
  }

  @Test
  void wrongTreeOrUnknownCommitIsNoVerdict() throws Exception {
    Remote remote = Remote.create("wrong");
    String commit = remote.commit("one");
    String other = remote.commit("two");

    Reply wrong =
        ask(
            "git",
            fresh(),
            Map.of(
                "repo",
                remote.path().toString(),
                "tree",
                remote.tree(other),
                "commit",
                commit,
                "script",
                "true"));
    Reply unknown =
        ask(
            "git",
            fresh(),
            Map.of(
                "repo",
                remote.path().toString(),
                "tree",
                remote.tree(other),
                "commit",
                "0123456789012345678901234567890123456789",
                "script",
                "true"));
    Reply noRef =
        ask(
            "git",
            fresh(),
            Map.of(
                "repo", remote.path().toString(),
                "tree", remote.tree(other),
                "commit", "0123456789012345678901234567890123456789",
                "ref", "nowhere",
                "script", "true"));

    assertNoVerdict(wrong, "has the tree " + remote.tree(commit));
    assertNoVerdict(unknown, "has no commit 0123456789");
    assertNoVerdict(noRef, "cannot fetch nowhere");
  }

  @Test
  void buildsAtATimeHaveMirrorsOfTheirOwn() throws Exception {
    Remote remote = Remote.create("busy");
    String commit = remote.commit("one");
    Path meeting = Files.createDirectory(directory.resolve("meeting"));
    String script =
        """
        touch "%1$s/$(basename "$BUILD_KEY")"
        while [ "$(ls %1$s | wc -l)" -lt 2 ]; do sleep 0.05; done
        git fsck --connectivity-only; cat .git/objects/info/alternates
        """
            .formatted(meeting);

    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Reply> caller = () -> ask(remote, commit, script);
      Future<Reply> one = callers.submit(caller);
      Future<Reply> two = callers.submit(caller);

      assertThat(one.get().status()).as(one.get().text()).isEqualTo(200);
      assertThat(two.get().status()).as(two.get().text()).isEqualTo(200);
      assertThat(log(one.get()).lines().toList().getLast())
          .startsWith(service.home() + "/caches/local/git/")
          .isNotEqualTo(log(two.get()).lines().toList().getLast());
    }
  }

  @Test
  void mirrorThatABuildDamagedIsMadeAnew() throws Exception {
    Remote remote = Remote.create("damaged");
    String commit = remote.commit("one");
    String mirror = "m=$(dirname \"$(cat .git/objects/info/alternates)\"); ";

    askAlone(remote, commit, mirror + "rm -rf \"$m/HEAD\"");
    Reply afterHead = askAlone(remote, commit, "cat file");
    askAlone(remote, commit, mirror + "touch \"$m/shallow.lock\" \"$m/packed-refs.lock\"");
    Reply afterLocks = askAlone(remote, remote.commit("two"), "cat file");
    askAlone(remote, commit, mirror + "find \"$m/objects\" -type f -exec rm -f {} +");
    askAlone(remote, commit, "cat file");
    Reply afterObjects = askAlone(remote, commit, "cat file; cat file");

    assertThat(log(afterHead)).contains("is damaged: it is made anew").endsWith("\none\n");
    assertThat(log(afterLocks)).endsWith("\ntwo\n");
    assertThat(log(afterObjects)).endsWith("\none\none\n");
  }

  @Test
  void repositoryWithStrangePathAndLongerHashesIsBuiltAsWell() throws Exception {
    Remote strange = Remote.create("a b'c\"$(touch evil)`touch evil`;touch evil");
    String commit = strange.commit("one");
    Remote longer = Remote.create("longer", "--object-format=sha256");
    String longCommit = longer.commit("long");

    Reply reply = ask(strange, commit, "ls -A; cat file");
    Reply longReply = ask(longer, longCommit, "cat file");

    assertThat(log(reply)).endsWith("\n.git\nfile\none\n");
    assertThat(longCommit).hasSize(64);
    assertThat(log(longReply)).endsWith("\nlong\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "repo | --upload-pack=touch /tmp/evil",
        "repo | -oProxyCommand=x",
        "repo | ext::sh -c touch% /tmp/evil",
        "repo | ssh://-oProxyCommand=x/y",
        "repo | -x@host:path",
        "repo | git@host:-x",
        "repo | git@-host:x",
        "repo | relative/path",
        "repo | http://example.com/x",
        "repo | git://example.com/x",
        "repo | https://user:password@example.com/x",
        "repo | https://example.com/a b",
        "repo | /a\\nb",
        "repo | https://example.com/x\\n--upload-pack=y",
        "ref | --upload-pack=x",
        "ref | -f",
        "ref | +main",
        "ref | ^main",
        "ref | main:refs/heads/x",
        "ref | a..b",
        "ref | a b",
        "ref | a\\nb",
        "ref | @{upstream}x",
        "commit | HEAD",
        "commit | --all",
        "commit | 0123456789012345678901234567890123456789\\n",
        "tree | 0123",
        "tree | 012345678901234567890123456789012345678G",
      })
  void valueThatCouldMeanSomethingElseIsRefused(String name, String value) {
    String hash = "0123456789012345678901234567890123456789";
    var params =
        new HashMap<>(
            Map.of("repo", "/r", "tree", hash, "commit", hash, "ref", "main", "script", "true"));
    params.put(name, value.replace("\\n", "\n"));

    Reply reply = ask("git", fresh(), params);

    assertThat(reply.status()).as(reply.text()).isEqualTo(422);
    assertThat(reply.json().path("errors").get(0).path("field").asString())
        .isEqualTo("params." + name);
  }

  @ParameterizedTest
  @CsvSource({
    "https://example.com/a.git",
    "https://example.com:8443/a/b",
    "ssh://git@example.com:22/a.git",
    "ssh://[::1]/a.git",
    "git@example.com:a/b.git",
    "me@host:~/x",
    "/srv/git/a.git",
    "file:///srv/git/a.git",
  })
  void usualRepositoriesAreAllowed(String repo) throws IOException {
    Builder git =
        Builder.parse("git", Files.readString(Path.of("src/main/resources/builders/git.yaml")));
    String hash = "0123456789012345678901234567890123456789";

    Params params =
        git.resolve(Map.of("repo", repo, "tree", hash, "commit", hash, "script", "make"));

    assertThat(params.inputs()).containsOnlyKeys("repo", "tree", "script");
    assertThat(params.extras()).isEqualTo(Map.of("commit", hash, "ref", "HEAD"));
  }
}
