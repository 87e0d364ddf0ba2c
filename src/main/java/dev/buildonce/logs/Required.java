package dev.buildonce.logs;

import org.jspecify.annotations.Nullable;

/** The longest text that every match of a pattern has in it, as far as that is easily seen. */
final class Required {

  private static final int SHORT = 3;

  private final String regex;
  private final boolean matchCase;
  private final StringBuilder run = new StringBuilder();
  private String longest = "";

  private Required(String regex, boolean matchCase) {
    this.regex = regex;
    this.matchCase = matchCase;
  }

  /** The text; null if there is none that is worth to look for first. */
  static @Nullable String of(String regex, boolean matchCase) {
    var required = new Required(regex, matchCase);
    return required.read() && required.longest.length() >= SHORT ? required.longest : null;
  }

  /** Reads the pattern; false if it has what is not understood here. */
  private boolean read() {
    int i = 0;
    while (i < regex.length()) {
      char c = regex.charAt(i);
      switch (c) {
        case '|' -> {
          return false;
        }
        case '?', '*', '{' -> {
          run.setLength(Math.max(0, run.length() - 1));
          end();
          i = c == '{' ? behind(i, '}') : i + 1;
        }
        case '+', '.', '^', '$' -> {
          end();
          i++;
        }
        case '(', '[' -> {
          end();
          i = c == '[' ? behindClass(i) : behindGroup(i);
        }
        case '\\' -> {
          if (i + 1 >= regex.length() || "QpPxCkgEz0123456789".indexOf(regex.charAt(i + 1)) >= 0) {
            return false;
          }
          if (Character.isLetterOrDigit(regex.charAt(i + 1))) {
            end();
          } else {
            run.append(regex.charAt(i + 1));
          }
          i += 2;
        }
        default -> {
          if (c >= 128) {
            return false;
          }
          if (!matchCase && "kKsS".indexOf(c) >= 0) {
            end(); // other letters of Unicode are K and S, too
          } else {
            run.append(c);
          }
          i++;
        }
      }
      if (i < 0) {
        return false;
      }
    }
    end();
    return true;
  }

  private void end() {
    if (run.length() > longest.length()) {
      longest = run.toString();
    }
    run.setLength(0);
  }

  private int behind(int from, char end) {
    int at = regex.indexOf(end, from);
    return at < 0 ? -1 : at + 1;
  }

  private int behindClass(int from) {
    // "[]a]" has the bracket itself, "[[:alpha:]]" another pair.
    int first = regex.startsWith("[^", from) ? from + 2 : from + 1;
    for (int i = first; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '[') {
        return -1;
      }
      if (c == '\\') {
        i++;
      } else if (c == ']' && i > first) {
        return i + 1;
      }
    }
    return -1;
  }

  /** What is in a group may be missing or be one of several; flags would change what is around. */
  private int behindGroup(int from) {
    if (regex.startsWith("(?", from)) {
      return -1;
    }
    int depth = 0;
    for (int i = from; i < regex.length(); i++) {
      char c = regex.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        int behind = behindClass(i);
        if (behind < 0) {
          return -1;
        }
        i = behind - 1;
      } else if (c == '(') {
        if (regex.startsWith("(?", i)) {
          return -1;
        }
        depth++;
      } else if (c == ')' && --depth == 0) {
        return i + 1;
      }
    }
    return -1;
  }
}
