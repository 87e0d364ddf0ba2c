package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.yaml.snakeyaml.Yaml;

/** The contract as it is kept, with its references resolved. */
@SuppressWarnings("unchecked") // of a document that the generator has validated
final class Contract {
  private final Map<String, Object> document;

  private Contract(Map<String, Object> document) {
    this.document = document;
  }

  static Contract read() {
    try {
      return new Contract(
          new Yaml().load(Files.readString(Path.of("src/main/resources/contract/openapi.yaml"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * One method of a path.
   *
   * @param responses by status, without the default
   * @param query the names it takes
   */
  record Operation(
      String method, String path, Map<Integer, Response> responses, Set<String> query) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** What an answer may have. */
  record Response(Set<String> types, Set<String> headers) {}

  List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    map(document, "paths")
        .forEach(
            (path, item) ->
                ((Map<String, Object>) item)
                    .forEach(
                        (method, operation) -> {
                          if (!method.equals("parameters")) {
                            all.add(
                                operation(
                                    method.toUpperCase(java.util.Locale.ROOT),
                                    path,
                                    (Map<String, Object>) operation));
                          }
                        }));
    return all;
  }

  private Operation operation(String method, String path, Map<String, Object> operation) {
    Map<Integer, Response> responses = new TreeMap<>();
    map(operation, "responses")
        .forEach(
            (status, response) -> {
              if (!status.equals("default")) {
                responses.put(Integer.valueOf(status), response((Map<String, Object>) response));
              }
            });
    Set<String> query = new HashSet<>();
    for (Object each : (List<Object>) operation.getOrDefault("parameters", List.of())) {
      Map<String, Object> parameter = resolved((Map<String, Object>) each);
      if ("query".equals(parameter.get("in"))) {
        query.add((String) parameter.get("name"));
      }
    }
    return new Operation(method, path, responses, query);
  }

  private Response response(Map<String, Object> response) {
    Map<String, Object> found = resolved(response);
    return new Response(
        Set.copyOf(map(found, "content").keySet()), Set.copyOf(map(found, "headers").keySet()));
  }

  /** What any path may answer. */
  Set<Integer> commonStatuses() {
    return numbers("x-statuses");
  }

  /** Those of them that no test can ask for. */
  Set<Integer> unseen() {
    return numbers("x-unseen");
  }

  private Set<Integer> numbers(String name) {
    Map<String, Object> refused = map(map(map(document, "components"), "responses"), "Refused");
    return Set.copyOf((List<Integer>) refused.get(name));
  }

  /** The names of all problems, without {@code /problems/}. */
  List<String> problems() {
    Map<String, Object> type = map(map(schema("Problem"), "properties"), "type");
    return ((List<String>) type.get("enum"))
        .stream().map(name -> name.replace("/problems/", "")).toList();
  }

  private Map<String, Object> schema(String name) {
    return map(map(map(document, "components"), "schemas"), name);
  }

  /** What is wrong with the examples: members that their schemas do not know. */
  List<String> wrongExamples() {
    List<String> wrong = new ArrayList<>();
    examples("", document, wrong);
    return wrong;
  }

  private void examples(String at, Object node, List<String> wrong) {
    if (node instanceof Map<?, ?> map) {
      if (map.get("example") != null && map.get("schema") instanceof Map<?, ?> schema) {
        fits(at, map.get("example"), (Map<String, Object>) schema, wrong);
      }
      map.forEach((name, value) -> examples(at + "/" + name, value, wrong));
    } else if (node instanceof List<?> list) {
      list.forEach(value -> examples(at, value, wrong));
    }
  }

  private void fits(String at, Object value, Map<String, Object> reference, List<String> wrong) {
    Map<String, Object> schema = resolved(reference);
    if (schema.get("anyOf") instanceof List<?> any && value != null) {
      fits(at, value, (Map<String, Object>) any.getFirst(), wrong);
    } else if (value instanceof Map<?, ?> members) {
      Map<String, Object> known = map(schema, "properties");
      for (Object required : (List<?>) schema.getOrDefault("required", List.of())) {
        if (!members.containsKey(required)) {
          wrong.add(at + " lacks " + required);
        }
      }
      members.forEach(
          (name, member) -> {
            Object more = known.getOrDefault(name, schema.get("additionalProperties"));
            if (more instanceof Map<?, ?> inner) {
              fits(at + "/" + name, member, (Map<String, Object>) inner, wrong);
            } else if (more == null && !schema.isEmpty() && !known.isEmpty()) {
              wrong.add(at + " has " + name);
            }
          });
    } else if (value instanceof List<?> list && schema.get("items") instanceof Map<?, ?> items) {
      list.forEach(item -> fits(at, item, (Map<String, Object>) items, wrong));
    } else if (schema.get("enum") instanceof List<?> words && !words.contains(value)) {
      wrong.add(at + " is " + value);
    }
  }

  private Map<String, Object> resolved(Map<String, Object> node) {
    if (!(node.get("$ref") instanceof String reference)) {
      return node;
    }
    Map<String, Object> found = document;
    for (String step : reference.substring(2).split("/")) {
      found = map(found, step);
    }
    return found;
  }

  private static Map<String, Object> map(Map<String, Object> node, String name) {
    Map<String, Object> found = new HashMap<>();
    if (node.get(name) instanceof Map<?, ?> inner) {
      inner.forEach((key, value) -> found.put(key.toString(), value));
    }
    return found;
  }
}
