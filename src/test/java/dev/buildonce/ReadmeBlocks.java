package dev.buildonce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The shell blocks of the README. */
public final class ReadmeBlocks {
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

  private ReadmeBlocks() {}

  /** All of them, in order. */
  public static List<String> all() throws IOException {
    return BLOCK
        .matcher(Files.readString(Path.of("README.md")))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /** The one that has this text. */
  public static String with(String text) throws IOException {
    List<String> found = all().stream().filter(block -> block.contains(text)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " blocks have " + text);
    }
    return found.getFirst();
  }
}
