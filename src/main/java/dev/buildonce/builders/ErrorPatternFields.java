package dev.buildonce.builders;

import dev.buildonce.logs.LinePattern;
import java.util.ArrayList;
import java.util.List;

/** Reads the field {@code error-patterns} of a builder file. */
final class ErrorPatternFields {
  private static final String NAME = "error-patterns";

  private ErrorPatternFields() {}

  static List<ErrorPattern> read(FieldReader builder) throws BadBuilderFile {
    List<ErrorPattern> patterns = new ArrayList<>();
    for (Yaml.Node node : builder.items(NAME)) {
      if (patterns.size() == ErrorPattern.MOST) {
        throw new BadBuilderFile(node.line(), NAME + ": are at most " + ErrorPattern.MOST);
      }
      var fields = FieldReader.of(node, "a pattern of " + NAME, List.of("pattern", "score"));
      patterns.add(new ErrorPattern(pattern(fields), score(fields)));
    }
    return List.copyOf(patterns);
  }

  private static LinePattern pattern(FieldReader fields) throws BadBuilderFile {
    LinePattern pattern;
    try {
      pattern = LinePattern.of(text(fields, "pattern"));
    } catch (IllegalArgumentException e) {
      throw bad(fields, "pattern " + e.getMessage());
    }
    if (pattern.word().isEmpty() && score(fields) > 0) {
      // Each line of a log would have to be matched, which takes longer than writing it.
      throw bad(
          fields,
          "pattern needs a word of 3 letters or digits that every match has: write alternatives as"
              + " patterns of their own, and (?i) only in front");
    }
    return pattern;
  }

  private static int score(FieldReader fields) throws BadBuilderFile {
    String score = text(fields, "score");
    if (score.matches("[+-]?\\d{1,4}")) {
      int value = Integer.parseInt(score);
      if (Math.abs(value) <= ErrorPattern.HIGHEST) {
        return value;
      }
    }
    throw bad(
        fields,
        "score is a number from %d to %d".formatted(-ErrorPattern.HIGHEST, ErrorPattern.HIGHEST));
  }

  private static String text(FieldReader fields, String name) throws BadBuilderFile {
    Yaml.Text text = fields.text(name);
    if (text == null) {
      throw bad(fields, name + " is missing");
    }
    return text.value();
  }

  private static BadBuilderFile bad(FieldReader fields, String message) {
    return fields.bad(NAME, message);
  }
}
