package dev.buildonce.viewer;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.buildonce.ServiceProcess;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The modules of the pages, each by itself. */
@EnabledIf("dev.buildonce.viewer.Chromium#isInstalled")
class ModulesIT {

  private static final String ESC = "\u001b";

  private static Chromium chromium;
  private static Page page;

  @BeforeAll
  static void open() {
    chromium = new Chromium();
    page = chromium.page(Chromium.Look.WIDE);
    page.navigate(ServiceProcess.shared().url() + "/");
  }

  @AfterAll
  static void close() {
    chromium.close();
  }

  @AfterEach
  void modulesBrokeNothing() {
    Chromium.count();
    assertThat(chromium.troubles()).isEmpty();
  }

  @Test
  void textIsCutIntoLinesAndTheLastOneIsOpen() {
    assertThat(parsed("one\ntwo\n\nthr")).isEqualTo("one|two||~thr");
    assertThat(parsed("")).isEqualTo("");
  }

  @Test
  void lineIsWrittenOver() {
    assertThat(parsed("10%\r55%\r100%\n")).isEqualTo("100%|");
    assertThat(parsed("abcdef\rxy\n")).isEqualTo("xycdef|");
    assertThat(parsed("abcdef\rxy" + ESC + "[K\n")).isEqualTo("xy|");
    assertThat(parsed("abc" + ESC + "[2K\rnew\n")).isEqualTo("new|");
    assertThat(parsed("abc\b\bX\n")).isEqualTo("aXc|");
    assertThat(parsed("ab" + ESC + "[3Cc" + ESC + "[2Gx\n")).isEqualTo("ax   c|");
  }

  @Test
  void coloursAreReadAsTerminalsReadThem() {
    assertThat(parsed(ESC + "[31mred" + ESC + "[0m no\n")).isEqualTo("{\"fg\":1}red{} no|");
    assertThat(parsed(ESC + "[1;4;92mx" + ESC + "[22;24mx" + ESC + "[39mx\n"))
        .isEqualTo("{\"bold\":true,\"fg\":10,\"underline\":true}x{\"fg\":10}x{}x|");
    assertThat(parsed(ESC + "[38;5;208mx" + ESC + "[48;5;232mx\n"))
        .isEqualTo("{\"fg\":\"#ff8700\"}x{\"bg\":\"#080808\",\"fg\":\"#ff8700\"}x|");
    assertThat(parsed(ESC + "[38;2;1;22;255mx" + ESC + "[mx\n"))
        .isEqualTo("{\"fg\":\"#0116ff\"}x{}x|");
    assertThat(parsed(ESC + "[38;5;999;38;2;1;2mx\n")).isEqualTo("x|");
  }

  @Test
  void colourGoesOnInTheNextLine() {
    assertThat(parsed(ESC + "[32ma\nb\n")).isEqualTo("{\"fg\":2}a|{\"fg\":2}b|");
  }

  @Test
  void whatIsNoTextIsLeftOut() {
    assertThat(parsed("a" + ESC + "[2J" + ESC + "(B" + ESC + "7b\u0000\u0007c\n"))
        .isEqualTo("abc|");
    assertThat(parsed("a" + ESC + "]never ended\nb\n")).isEqualTo("a|b|");
  }

  @Test
  void linksLeadToTheWebOnly() {
    assertThat(parsed("a" + ESC + "]8;;http://x/" + ESC + "\\link" + ESC + "]8;;\u0007b\n"))
        .isEqualTo("{}a{\"href\":\"http://x/\"}link{}b|");
    assertThat(parsed(ESC + "]8;;javascript:alert(1)\u0007link" + ESC + "]8;;\u0007b\n"))
        .isEqualTo("linkb|");
    assertThat(parsed(ESC + "]8;id=1;data:text/html,x\u0007" + ESC + "[31mlink\n"))
        .isEqualTo("{\"fg\":1}link|");
  }

  @Test
  void addressesInTextAreLinks() {
    Object links =
        page.evaluate(
            inModule(
                "ansi.js",
                "const runs = new m.AnsiParser().line(input);"
                    + "const box = document.createElement('p'); box.append(...m.nodes(runs, [[0, 3]]));"
                    + "return [box.textContent, box.querySelector('mark').textContent,"
                    + " ...[...box.querySelectorAll('a')].map((a) => a.getAttribute('href'))];"),
            "see https://a.org/x"
                + ESC
                + "[1m?y=(1)"
                + ESC
                + "[0m, or (http://b.org/) file:///etc");

    assertThat(links)
        .isEqualTo(
            List.of(
                "see https://a.org/x?y=(1), or (http://b.org/) file:///etc",
                "see",
                "https://a.org/x?y=(1)",
                "https://a.org/x?y=(1)",
                "http://b.org/"));
  }

  @Test
  void rowsAreTheLinesThatAreNotHidden() {
    Object rows =
        page.evaluate(
            inModule(
                "row-map.js",
                "const rows = new m.RowMap();"
                    + "rows.set(20, [{from: 5, to: 8}, {from: 7, to: 9}, {from: 15, to: 30}, {from: 1, to: 2}]);"
                    + "const lines = Array.from({length: rows.count}, (_, row) => rows.lineOf(row));"
                    + "return [lines.join(), lines.map((line) => rows.rowOf(line)).join(),"
                    + " [1, 5, 9, 20].map((line) => rows.rowOf(line)).join(),"
                    + " [2, 3, 5, 9, 14, 20].map((line) => rows.hiddenUntil(line)).join()];"));

    assertThat(rows)
        .isEqualTo(List.of("3,4,10,11,12,13,14", "0,1,2,3,4,5,6", "0,1,1,6", "2,,8,9,,20"));
  }

  @Test
  void endlessLineIsCut() {
    Object length =
        page.evaluate(
            inModule(
                "ansi.js",
                "const [runs] = new m.AnsiParser().write('x'.repeat(50_000) + '\\n').done;"
                    + " return [runs[0].text.length, runs.at(-1).style.cut]"));
    assertThat(length).isEqualTo(List.of(20_000, true));
  }

  @Test
  void whereTextIsCutDoesNotMatter() {
    Object differing =
        page.evaluate(
            inModule(
                "ansi.js",
                """
                const text = "a\\x1b[1;38;5;208mb\\r\\nc\\x1b]8;;u\\x1b\\\\d\\x1b[Kx\\u{1f600}é\\b\\x1b[0;7mz\\n\\x1b(Btail";
                const all = (cut) => {
                  const parser = new m.AnsiParser();
                  const first = parser.write(text.slice(0, cut));
                  const second = parser.write(text.slice(cut));
                  return JSON.stringify([[...first.done, ...second.done], second.open ?? first.open]);
                };
                const whole = all(text.length);
                const cuts = [];
                for (let cut = 0; cut <= text.length; cut++) if (all(cut) !== whole) cuts.push(cut);
                return cuts.filter((cut) => cut < text.length);
                """));
    assertThat(differing).isEqualTo(List.of());
  }

  @Test
  void eventsAreReadWhereverTheyAreCut() {
    Object wrong =
        page.evaluate(
            inModule(
                "event-stream.js",
                """
                const text = ":\\n\\nid: 1:5\\nevent: log\\ndata: {\\"a\\":\\ndata: 1}\\r\\n\\r\\nevent: end\\ndata:x\\n\\nretry: 5\\n\\ndata: un";
                const wanted = JSON.stringify([
                  {name: "log", data: '{"a":\\n1}', id: "1:5"}, {name: "end", data: "x", id: null}]);
                const cuts = [];
                for (let cut = 0; cut <= text.length; cut++) {
                  const reader = new m.EventReader();
                  const got = [...reader.read(text.slice(0, cut)), ...reader.read(text.slice(cut))];
                  if (JSON.stringify(got) !== wanted) cuts.push(cut);
                }
                return cuts;
                """));
    assertThat(wrong).isEqualTo(List.of());
  }

  @Test
  void hashNamesLines() {
    Object read =
        page.evaluate(
            inModule(
                "permalink.js",
                """
                return ["#L7", "#L9-L7", "#L7-9", "#L0", "#L7x", "#end"].map((hash) => {
                  const lines = m.linesOf(hash);
                  return lines && m.hashOf(lines);
                });
                """));
    assertThat(read)
        .isEqualTo(java.util.Arrays.asList("#L7", "#L7-L9", "#L7-L9", null, null, null));
  }

  @Test
  void patternsAreTriedOnTextsThatTheyAreSoonDoneWith() {
    Object lengths =
        page.evaluate(
            inModule("search.js", "return input.map((pattern) => m.longest(pattern))"),
            List.of(
                "(a|a)*b",
                "(\\w|\\d)+x",
                "((a+))+b",
                "((a|b)c){20}",
                "(a?a?){30}b",
                "(a*)\\1",
                "a?".repeat(30) + "b",
                "a*a*a*a*a*a*b",
                "x.*y.*z",
                "^[(*+|]+: \\(x\\)*(?:error|fatal) in (\\w+|-)\\p{Lu}$",
                "error|fatal|panic"));

    assertThat(lengths).isEqualTo(List.of(0, 0, 0, 0, 0, 0, 0, 37, 493, 104, 20_000_000));
  }

  @Test
  void textsAreMarkedWhereThatIsSoonDone() {
    Object marked =
        page.evaluate(
            inModule(
                "search.js",
                """
                const search = new m.Search("/none", () => {});
                return [["((a+))+b", "aab"], ["a.*b", "xaab"], ["a.*b.*c", "a".repeat(20_000)]].map(([text, line]) => {
                  search.look({text, regex: true, case: false});
                  const places = search.places(line);
                  search.look({text: ""});
                  return JSON.stringify(places);
                });
                """));
    assertThat(marked).isEqualTo(List.of("[]", "[[1,4]]", "[]"));
  }

  @Test
  void timesReadAsPeopleTellThem() {
    Object told =
        page.evaluate(
            inModule(
                "times.js",
                """
                return [0, 40, 200, 7300, 200000].map((ago) => m.relative(-ago * 1000, 0))
                  .concat([5, 65, 3720, 90000].map((seconds) => m.lasting(seconds * 1000)));
                """));
    assertThat(told)
        .isEqualTo(
            List.of(
                "just now",
                "40 sec. ago",
                "3 min. ago",
                "2 hr. ago",
                "2 days ago",
                "5 s",
                "1 min 05 s",
                "1 h 02 min",
                "1 d 1 h"));
  }

  /** What the parser makes of a text: lines end with |, the open one begins with ~. */
  private static Object parsed(String text) {
    return page.evaluate(
        inModule(
            "ansi.js",
            """
            const shown = (runs) => runs.length === 1 && JSON.stringify(runs[0].style) === "{}" ? runs[0].text
              : runs.map(({text, style}) => JSON.stringify(style, Object.keys(style).sort()) + text).join("");
            const {done, open} = new m.AnsiParser().write(input.text);
            return done.map((runs) => shown(runs) + "|").join("") + (open ? "~" + shown(open) : "");
            """),
        Map.of("text", text));
  }

  private static String inModule(String name, String body) {
    return """
    async (input) => {
      const own = document.querySelector("script[type=module]").src;
      const m = await import(own.replace(/[^/]+$/, "%s"));
      %s
    }
    """
        .formatted(name, body);
  }
}
