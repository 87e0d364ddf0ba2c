package dev.buildonce.problems;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The query of a request, read strictly: a name that nobody knows, a single name that comes twice,
 * or a value that does not fit is 422 {@code invalid-request}, never ignored ({@code
 * ?expect=succes}). It reads the query string alone and leaves the body, a form's too, untouched.
 */
public final class Query {

  private final Map<String, List<String>> values;

  private Query(Map<String, List<String>> values) {
    this.values = values;
  }

  /**
   * Reads the query of a request.
   *
   * @throws InvalidRequest if it cannot be decoded
   */
  public static Query of(HttpServletRequest request) {
    return of(request.getQueryString());
  }

  /**
   * Reads a query as the caller wrote it.
   *
   * @throws InvalidRequest if it cannot be decoded
   */
  public static Query of(@Nullable String raw) {
    var values = new LinkedHashMap<String, List<String>>();
    if (raw != null) {
      for (var pair : raw.split("&")) {
        if (!pair.isEmpty()) {
          int equals = pair.indexOf('=');
          var name = decode(equals < 0 ? pair : pair.substring(0, equals));
          var value = equals < 0 ? "" : decode(pair.substring(equals + 1));
          values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
      }
    }
    return new Query(values);
  }

  /**
   * Holds the query to names that may come once each.
   *
   * @throws InvalidRequest naming every other name and every name that is repeated
   */
  public Query allow(String... names) {
    return allow(Set.of(names), Set.of());
  }

  /**
   * Holds the query to names that may come once and names that may be repeated.
   *
   * @throws InvalidRequest naming every other name and every single name that is repeated
   */
  public Query allow(Set<String> single, Set<String> repeated) {
    var errors = new ArrayList<FieldError>();
    values.forEach(
        (name, given) -> {
          if (!single.contains(name) && !repeated.contains(name)) {
            errors.add(new FieldError(name, "is unknown here: " + known(single, repeated)));
          } else if (given.size() > 1 && !repeated.contains(name)) {
            errors.add(new FieldError(name, "is given " + given.size() + " times"));
          }
        });
    if (!errors.isEmpty()) {
      throw new InvalidRequest(errors);
    }
    return this;
  }

  /** Whether the name was given, with or without a value. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** The value as it was given, null if the name was not. */
  public @Nullable String text(String name) {
    var given = values.get(name);
    return given == null ? null : given.getFirst();
  }

  /** All values of a name that may be repeated, in order. */
  public List<String> texts(String name) {
    return List.copyOf(values.getOrDefault(name, List.of()));
  }

  /**
   * A value out of a set of words, null if the name was not given.
   *
   * @throws InvalidRequest if it is another word
   */
  public @Nullable String word(String name, String... words) {
    var given = text(name);
    if (given != null && !Arrays.asList(words).contains(given)) {
      throw new InvalidRequest(name, "is none of " + String.join(", ", words));
    }
    return given;
  }

  /**
   * A duration, null if the name was not given.
   *
   * @throws InvalidRequest if it is none
   */
  public @Nullable Duration duration(String name) {
    var given = text(name);
    try {
      return given == null ? null : Durations.parse(given);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(name, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Whether the name was given as {@code true}; {@code otherwise} if it was not given.
   *
   * @throws InvalidRequest if it is neither {@code true} nor {@code false}
   */
  public boolean flag(String name, boolean otherwise) {
    var given = word(name, "true", "false");
    return given == null ? otherwise : given.equals("true");
  }

  /**
   * A whole number, null if the name was not given.
   *
   * @param least the least that fits
   * @param most the most that fits
   * @throws InvalidRequest if it is none or out of range
   */
  public @Nullable Long number(String name, long least, long most) {
    var given = text(name);
    if (given == null) {
      return null;
    }
    try {
      if (given.matches("-?[0-9]+")) {
        long number = Long.parseLong(given);
        if (number >= least && number <= most) {
          return number;
        }
      }
    } catch (NumberFormatException _) {
      // Too large for a long is out of range as well.
    }
    throw new InvalidRequest(name, "is no whole number from " + least + " to " + most);
  }

  private static String decode(String raw) {
    try {
      return Percent.decode(raw.replace('+', ' '));
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest("query", String.valueOf(e.getMessage()));
    }
  }

  private static String known(Set<String> single, Set<String> repeated) {
    var names = Stream.concat(single.stream(), repeated.stream()).sorted().toList();
    return names.isEmpty()
        ? "this path takes no query"
        : names.stream().collect(Collectors.joining(", ", "this path takes ", ""));
  }
}
