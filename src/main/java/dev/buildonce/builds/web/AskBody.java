package dev.buildonce.builds.web;

import dev.buildonce.problems.FieldError;
import dev.buildonce.problems.InvalidBody;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a body, as JSON or as a form, before anybody knows what they mean.
 *
 * @param fields what was sent once, by name: text, a number or a boolean
 * @param lists what is a list, by name
 * @param params the params by name; in a form all that is no field
 * @param errors what is unknown, repeated or of the wrong kind
 */
record AskBody(
    Map<String, String> fields,
    Map<String, List<String>> lists,
    Map<String, String> params,
    List<FieldError> errors) {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final String PARAM = "params.";

  /**
   * Reads a body.
   *
   * @param body at most 1 MiB
   * @param type its content type, or null
   * @param single the names of the fields that are sent once
   * @param list the name of the field that is a list in JSON
   * @param repeated the name of the field that repeats in a form
   * @throws HttpMediaTypeNotSupportedException if it is neither JSON nor a form
   * @throws InvalidBody if it cannot be read at all
   */
  static AskBody read(
      byte[] body, @Nullable MediaType type, Set<String> single, String list, String repeated)
      throws HttpMediaTypeNotSupportedException {
    if (body.length == 0) {
      return new AskBody(Map.of(), Map.of(), Map.of(), List.of());
    }
    if (MediaType.APPLICATION_JSON.equalsTypeAndSubtype(type)) {
      return json(body, single, list);
    }
    if (MediaType.APPLICATION_FORM_URLENCODED.equalsTypeAndSubtype(type)) {
      return form(body, single, list, repeated);
    }
    throw new HttpMediaTypeNotSupportedException(
        type, List.of(MediaType.APPLICATION_JSON, MediaType.APPLICATION_FORM_URLENCODED));
  }

  private static AskBody json(byte[] body, Set<String> single, String list) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JacksonException e) {
      String message = String.valueOf(e.getOriginalMessage());
      if (message.startsWith("Duplicate")) {
        return refused(quoted(message), "is there twice");
      }
      throw InvalidBody.json(e);
    }
    if (!root.isObject()) {
      return refused("body", "must be a JSON object");
    }
    AskBody ask =
        new AskBody(new HashMap<>(), new HashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
    List<FieldError> errors = ask.errors;
    root.properties()
        .forEach(
            field -> {
              String name = field.getKey();
              JsonNode value = field.getValue();
              if (name.equals("params")) {
                params(value, ask.params, errors);
              } else if (name.equals(list)) {
                strings(name, value, ask.lists, errors);
              } else if (!single.contains(name)) {
                errors.add(unknown(name, single, list));
              } else if (value.isString() || value.isIntegralNumber() || value.isBoolean()) {
                ask.fields.put(name, value.asString());
              } else if (!value.isNull()) {
                errors.add(new FieldError(name, "must be a string or a whole number"));
              }
            });
    return ask;
  }

  private static AskBody refused(String field, String message) {
    return new AskBody(Map.of(), Map.of(), Map.of(), List.of(new FieldError(field, message)));
  }

  private static String quoted(String message) {
    int from = message.indexOf('"');
    int to = message.lastIndexOf('"');
    return from < 0 || to <= from ? "" : message.substring(from + 1, to);
  }

  private static void params(JsonNode value, Map<String, String> params, List<FieldError> errors) {
    if (value.isNull()) {
      return;
    }
    if (!value.isObject()) {
      errors.add(new FieldError("params", "must be an object of strings"));
      return;
    }
    value
        .properties()
        .forEach(
            param -> {
              if (param.getValue().isString()) {
                params.put(param.getKey(), param.getValue().asString());
              } else {
                errors.add(new FieldError(PARAM + param.getKey(), "must be a string"));
              }
            });
  }

  private static void strings(
      String name, JsonNode value, Map<String, List<String>> lists, List<FieldError> errors) {
    if (value.isNull()) {
      return;
    }
    if (!value.isArray() || !value.valueStream().allMatch(JsonNode::isString)) {
      errors.add(new FieldError(name, "must be a list of strings"));
      return;
    }
    lists.put(name, value.valueStream().map(JsonNode::asString).toList());
  }

  private static AskBody form(byte[] body, Set<String> single, String list, String repeated) {
    Map<String, List<String>> form;
    try {
      form = Forms.read(body);
    } catch (IllegalArgumentException e) {
      throw new InvalidBody(e.getMessage() + ".");
    }
    if (form.size() == 1 && form.keySet().iterator().next().stripLeading().startsWith("{")) {
      return refused("body", "this looks like JSON: send it with Content-Type: application/json");
    }
    AskBody ask =
        new AskBody(new HashMap<>(), new HashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
    List<FieldError> errors = ask.errors;
    form.forEach(
        (name, values) -> {
          if (name.equals(repeated) || name.equals(list)) {
            ask.lists.computeIfAbsent(list, _ -> new ArrayList<>()).addAll(values);
          } else if (values.size() > 1) {
            errors.add(new FieldError(name, "is there " + values.size() + " times"));
          } else if (single.contains(name)) {
            ask.fields.put(name, values.getFirst());
          } else if (name.equals("params")) {
            errors.add(new FieldError(name, "a form names each param: params.NAME=…"));
          } else {
            String param = name.startsWith(PARAM) ? name.substring(PARAM.length()) : name;
            if (ask.params.put(param, values.getFirst()) != null) {
              errors.add(new FieldError(PARAM + param, "is there twice"));
            }
          }
        });
    return ask;
  }

  private static FieldError unknown(String name, Set<String> single, String list) {
    Stream<String> names = Stream.concat(Stream.of(list), single.stream());
    return new FieldError(
        name,
        "is no field; the fields are "
            + names.filter(field -> !field.isEmpty()).collect(Collectors.joining(", "))
            + (list.equals("tags") ? "; params go into the object params" : ""));
  }
}
