package dev.buildonce.builders;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;
import tools.jackson.dataformat.yaml.YAMLReadFeature;

/**
 * Reads a YAML document as its writer wrote it: scalars stay text, so that {@code 1.10} and {@code
 * 010} are no numbers; each value knows its line; a key given twice, an alias, a tag, or a second
 * document is an error.
 */
final class Yaml {

  private static final int DEEPEST = 16;
  private static final YAMLFactory FACTORY =
      YAMLFactory.builder()
          // Of plain ones only: "" stays a text.
          .enable(YAMLReadFeature.EMPTY_STRING_AS_NULL)
          .disable(YAMLReadFeature.EMPTY_DOCUMENT_AS_EMPTY_OBJECT)
          .build();

  /** A value and the line it begins in. */
  sealed interface Node {
    int line();
  }

  record Text(String value, int line) implements Node {}

  /** No value, as in {@code name:}. */
  record Nothing(int line) implements Node {}

  record Items(List<Node> nodes, int line) implements Node {}

  record Fields(Map<String, Node> nodes, int line) implements Node {}

  private Yaml() {}

  static Node read(String document) throws BadBuilderFile {
    try (JsonParser parser = FACTORY.createParser(document)) {
      parser.nextToken();
      Node root = node(parser, 0);
      if (parser.nextToken() != null) {
        throw new BadBuilderFile(line(parser), "a file holds one document");
      }
      return root;
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      throw new BadBuilderFile(line, String.valueOf(e.getOriginalMessage()).replace('\n', ' '));
    }
  }

  private static Node node(JsonParser parser, int depth) throws BadBuilderFile {
    int line = line(parser);
    JsonToken token = parser.currentToken();
    if (token == null) {
      return new Nothing(line);
    }
    if (depth > DEEPEST) {
      throw new BadBuilderFile(line, "nested too deep");
    }
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw new BadBuilderFile(line, "aliases (*name) are not supported");
    }
    if (parser.getTypeId() != null) {
      throw new BadBuilderFile(line, "tags (!name) are not supported");
    }
    return switch (token) {
      case START_OBJECT -> fields(parser, depth, line);
      case START_ARRAY -> items(parser, depth, line);
      case VALUE_NULL -> new Nothing(line);
      default -> new Text(parser.getString(), line);
    };
  }

  private static Fields fields(JsonParser parser, int depth, int line) throws BadBuilderFile {
    Map<String, Node> nodes = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      int at = line(parser);
      parser.nextToken();
      if (nodes.put(name, node(parser, depth + 1)) != null) {
        throw new BadBuilderFile(at, "'" + name + "' is given twice");
      }
    }
    return new Fields(nodes, line);
  }

  private static Items items(JsonParser parser, int depth, int line) throws BadBuilderFile {
    List<Node> nodes = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      nodes.add(node(parser, depth + 1));
    }
    return new Items(nodes, line);
  }

  private static int line(JsonParser parser) {
    return Math.max(1, parser.currentTokenLocation().getLineNr());
  }
}
