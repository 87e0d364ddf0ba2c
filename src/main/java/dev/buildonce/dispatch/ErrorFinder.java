package dev.buildonce.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildonce.builders.ErrorPattern;
import dev.buildonce.logs.LogBlocks;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the first of the most telling lines in blocks of a log. For one thread. */
/*
 * One look at each byte says which lines have a word that a pattern wants; only those are matched, and
 * only to patterns that score higher than what was found. How much is matched in all is bounded by
 * bytes, not by time: whoever reads the same log finds the same.
 */
final class ErrorFinder implements LogBlocks.Taker {
  /** How much of a line is matched: of one that was drawn over itself its end, else its begin. */
  private static final int LONGEST = 4 * 1024;

  /** How many bytes are matched, after which only compilers' errors and own patterns are. */
  private static final long MANY_MATCHED = 4L * 1024 * 1024;

  /** How many bytes are matched at most. */
  private static final long MOST_MATCHED = 32L * 1024 * 1024;

  private final List<ErrorPattern> own;
  private int floor;
  private @Nullable Found best;
  private long matched;
  private boolean tired;
  private List<String> words = List.of();
  private List<ErrorPattern> better = List.of(); // of which the words after that of the table are
  private int ofTable;
  private int[] lengths = {};
  private WordFinder finder = new WordFinder(words);

  /**
   * A line that was found.
   *
   * @param text as it is shown
   */
  record Found(long line, int score, String text) {}

  /**
   * A finder.
   *
   * @param own the builder's patterns
   * @param floor only what scores higher is found
   */
  ErrorFinder(List<ErrorPattern> own, int floor) {
    this.own = own;
    raise(floor);
  }

  /** What was found so far. */
  @Nullable Found best() {
    return best;
  }

  /** Whether nothing that follows can be found. */
  boolean isDone() {
    return words.isEmpty() || matched > MOST_MATCHED;
  }

  private void raise(int score) {
    floor = score;
    better = own.stream().filter(pattern -> pattern.score() > score).toList();
    words = new ArrayList<>();
    if (score < ErrorScore.PLAIN && !tired) {
      words.addAll(ErrorScore.WORDS);
    } else if (score < ErrorScore.COMPILED) {
      words.add(ErrorScore.COMPILERS_WORD);
    }
    ofTable = words.size();
    lengths = words.stream().mapToInt(word -> word.getBytes(UTF_8).length).toArray();
    better.forEach(pattern -> words.add(pattern.pattern().word()));
    finder = new WordFinder(words);
  }

  @Override
  public void take(long line, byte[] bytes, int from, int to) {
    long number = line;
    int counted = from;
    int at = from;
    while (!isDone()) {
      int behind = finder.find(bytes, at, to);
      if (behind < 0) {
        return;
      }
      if (isInName(bytes, behind, from, to)) {
        at = behind;
        continue;
      }
      int begin = behind;
      while (begin > counted && bytes[begin - 1] != '\n') {
        begin--;
      }
      int end = behind;
      while (end < to && bytes[end] != '\n') {
        end++;
      }
      for (; counted < begin; counted++) {
        number += bytes[counted] == '\n' ? 1 : 0;
      }
      look(number, bytes, begin, end);
      at = Math.min(end + 1, to);
    }
  }

  /** Whether only a word of the table ends there, and that within a name. */
  private boolean isInName(byte[] bytes, int behind, int from, int to) {
    long ended = finder.ended();
    int word = Long.numberOfTrailingZeros(ended);
    return ended >>> ofTable == 0
        && ErrorScore.isInName(bytes, behind - lengths[word], behind, from, to);
  }

  private void look(long number, byte[] bytes, int from, int to) {
    int end = to;
    while (end > from && bytes[end - 1] <= ' ' && bytes[end - 1] >= 0) {
      end--;
    }
    int begin = from;
    if (end - from > LONGEST) {
      int drawn = end;
      while (drawn > from && bytes[drawn - 1] != '\r') {
        drawn--;
      }
      begin = drawn > from ? Math.max(drawn, end - LONGEST) : from;
      end = Math.min(end, begin + LONGEST);
    }
    long found = finder.all(bytes, begin, end);
    if (found == 0) {
      return;
    }
    matched += end - begin;
    String plain = ErrorLine.plain(new String(bytes, begin, end - begin, UTF_8));
    int score = score(ErrorLine.shown(plain), found, end - begin);
    if (score > floor) {
      best = new Found(number, score, ErrorLine.drawn(plain));
      raise(score);
    } else if (matched > MANY_MATCHED && !tired) {
      tired = true;
      raise(floor);
    }
  }

  private int score(String line, long found, int length) {
    int score =
        (found & (1L << ofTable) - 1) == 0
            ? 0
            : ErrorScore.of(line, tired ? ErrorScore.PLAIN : floor);
    for (int i = 0; i < better.size(); i++) {
      ErrorPattern pattern = better.get(i);
      if (pattern.score() > score
          && (found & 1L << (ofTable + i)) != 0
          && isIn(line, pattern, length)) {
        score = pattern.score();
      }
    }
    if (score > floor) {
      for (ErrorPattern pattern : own) {
        if (pattern.score() <= 0 && isIn(line, pattern, length)) {
          return 0;
        }
      }
    }
    return score;
  }

  private boolean isIn(String line, ErrorPattern pattern, int length) {
    matched += length;
    return pattern.pattern().isIn(line);
  }
}
