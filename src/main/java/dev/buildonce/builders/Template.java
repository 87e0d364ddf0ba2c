package dev.buildonce.builders;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Text with places for params: <code>{name}</code>; a brace itself is written twice. Filling it in
 * is one pass: what looks like a place in a param's value stays as it is.
 */
public final class Template {

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private record Place(String param) implements Part {}

  private final String source;
  private final List<Part> parts;

  private Template(String source, List<Part> parts) {
    this.source = source;
    this.parts = List.copyOf(parts);
  }

  /**
   * Reads a template.
   *
   * @param params the names that may stand in braces
   */
  static Template parse(String source, Set<String> params, int line) throws BadBuilderFile {
    List<Part> parts = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    for (int i = 0; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c != '{' && c != '}') {
        literal.append(c);
      } else if (i + 1 < source.length() && source.charAt(i + 1) == c) {
        literal.append(c);
        i++;
      } else {
        int end = c == '{' ? source.indexOf('}', i) : -1;
        String name = end < 0 ? "" : source.substring(i + 1, end);
        if (!params.contains(name)) {
          throw new BadBuilderFile(line, unknown(source.substring(i, end < 0 ? i + 1 : end + 1)));
        }
        parts.add(new Literal(literal.toString()));
        parts.add(new Place(name));
        literal.setLength(0);
        i = end;
      }
    }
    parts.add(new Literal(literal.toString()));
    return new Template(source, parts);
  }

  private static String unknown(String found) {
    String shown = found.length() > 60 ? found.substring(0, 60) + "…" : found;
    return shown.length() > 1
        ? shown + " names no param; a brace that is meant as such is written {{ or }}"
        : "a brace that is meant as such is written {{ or }}";
  }

  /** Fills it in; a param without a value leaves nothing. */
  public String fill(Map<String, String> params) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Literal(String literal) -> text.append(literal);
        case Place(String param) -> text.append(params.getOrDefault(param, ""));
      }
    }
    return text.toString();
  }

  /** Names of the params that have a place in it. */
  Set<String> params() {
    Set<String> params = new TreeSet<>();
    for (Part part : parts) {
      if (part instanceof Place(String param)) {
        params.add(param);
      }
    }
    return params;
  }

  /** As it was written. */
  public String source() {
    return source;
  }

  @Override
  public String toString() {
    return source;
  }
}
