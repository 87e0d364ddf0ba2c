package dev.buildonce.builders;

import dev.buildonce.problems.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** The fields of one mapping in a builder file, all of them known ones. */
final class FieldReader {

  private final int line;
  private final Map<String, Yaml.Node> nodes;

  private FieldReader(int line, Map<String, Yaml.Node> nodes) {
    this.line = line;
    this.nodes = nodes;
  }

  /**
   * Reads a mapping; nothing counts as an empty one.
   *
   * @param what it describes, for people
   * @param known names of the fields it may have
   */
  static FieldReader of(Yaml.Node node, String what, List<String> known) throws BadBuilderFile {
    return switch (node) {
      case Yaml.Nothing(int line) -> new FieldReader(line, Map.of());
      case Yaml.Fields(var nodes, int line) -> {
        for (var entry : nodes.entrySet()) {
          if (!known.contains(entry.getKey())) {
            throw new BadBuilderFile(
                entry.getValue().line(),
                "%s has no field '%s'; it has %s"
                    .formatted(what, entry.getKey(), String.join(", ", known)));
          }
        }
        yield new FieldReader(line, nodes);
      }
      default -> throw new BadBuilderFile(node.line(), what + " is a list of NAME: VALUE");
    };
  }

  boolean has(String name) {
    return nodes.containsKey(name) && !(nodes.get(name) instanceof Yaml.Nothing);
  }

  Yaml.@Nullable Text text(String name) throws BadBuilderFile {
    return switch (nodes.get(name)) {
      case null -> null;
      case Yaml.Nothing _ -> null;
      case Yaml.Text text -> text;
      default -> throw bad(name, "is one text");
    };
  }

  String required(String name) throws BadBuilderFile {
    Yaml.Text text = text(name);
    if (text == null) {
      throw bad(name, "is missing");
    }
    return text.value();
  }

  List<Yaml.Node> items(String name) throws BadBuilderFile {
    return switch (nodes.get(name)) {
      case null -> List.of();
      case Yaml.Nothing _ -> List.of();
      case Yaml.Items(var items, _) -> items;
      default -> throw bad(name, "is a list");
    };
  }

  List<Yaml.Text> texts(String name) throws BadBuilderFile {
    List<Yaml.Text> texts = new ArrayList<>();
    for (Yaml.Node node : items(name)) {
      if (!(node instanceof Yaml.Text text)) {
        throw new BadBuilderFile(node.line(), name + " is a list of texts");
      }
      texts.add(text);
    }
    return texts;
  }

  Map<String, Yaml.Node> map(String name) throws BadBuilderFile {
    return switch (nodes.get(name)) {
      case null -> Map.of();
      case Yaml.Nothing _ -> Map.of();
      case Yaml.Fields(var fields, _) -> fields;
      default -> throw bad(name, "is a list of NAME: VALUE");
    };
  }

  boolean flag(String name, boolean otherwise) throws BadBuilderFile {
    Yaml.Text text = text(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text.value()) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(name, "is true or false");
    };
  }

  int integer(String name, int least, int most, int otherwise) throws BadBuilderFile {
    Yaml.Text text = text(name);
    if (text == null) {
      return otherwise;
    }
    if (text.value().matches("\\d{1,9}")) {
      int value = Integer.parseInt(text.value());
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw bad(name, "is a number from %d to %d".formatted(least, most));
  }

  @Nullable Duration duration(String name, Duration least, Duration most) throws BadBuilderFile {
    Yaml.Text text = text(name);
    return text == null ? null : duration(name, text.value(), least, most);
  }

  Duration duration(String name, Duration least, Duration most, Duration otherwise)
      throws BadBuilderFile {
    Yaml.Text text = text(name);
    return text == null ? otherwise : duration(name, text.value(), least, most);
  }

  private Duration duration(String name, String text, Duration least, Duration most)
      throws BadBuilderFile {
    Duration duration;
    try {
      duration = Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw bad(name, String.valueOf(e.getMessage()));
    }
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      throw bad(name, "is from %ds to %ds".formatted(least.toSeconds(), most.toSeconds()));
    }
    return duration;
  }

  DataSize size(String name, DataSize least, DataSize most, String otherwise)
      throws BadBuilderFile {
    Yaml.Text text = text(name);
    try {
      DataSize size = DataSize.parse(text == null ? otherwise : text.value());
      if (size.compareTo(least) >= 0 && size.compareTo(most) <= 0) {
        return size;
      }
    } catch (IllegalArgumentException _) {
      // Said below.
    }
    throw bad(name, "is a size from 1KB to 1TB, such as 100MB");
  }

  /** An error in the line of a field, or of the mapping where that is not there. */
  BadBuilderFile bad(String name, String message) {
    Yaml.Node node = nodes.get(name);
    return new BadBuilderFile(node == null ? line : node.line(), name + ": " + message);
  }
}
