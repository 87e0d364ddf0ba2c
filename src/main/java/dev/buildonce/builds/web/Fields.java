package dev.buildonce.builds.web;

import dev.buildonce.problems.FieldError;
import dev.buildonce.problems.InvalidRequest;
import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.HttpMediaTypeNotSupportedException;

/** The fields of a request that is no ask, from a JSON document, a form or the query. */
final class Fields {
  private final Map<String, String> single;
  private final Map<String, List<String>> lists;
  private final List<FieldError> errors;

  private Fields(
      Map<String, String> single, Map<String, List<String>> lists, List<FieldError> errors) {
    this.single = single;
    this.lists = lists;
    this.errors = errors;
  }

  /**
   * Reads the fields; what is said in the body goes before what is said in the query.
   *
   * @param names those that are sent once
   * @param list the name of the one that is a list in JSON, or the empty string
   * @param repeated the name of the one that repeats in a form, or the empty string
   */
  static Fields read(
      HttpServletRequest request, Set<String> names, String list, String repeated, Query query)
      throws IOException, HttpMediaTypeNotSupportedException {
    AskBody body =
        AskBody.read(
            request.getInputStream().readAllBytes(),
            AskController.contentType(request),
            names,
            list,
            repeated);
    Map<String, String> single = new HashMap<>();
    for (String name : names) {
      String value = query.text(name);
      if (value != null) {
        single.put(name, value);
      }
    }
    single.putAll(body.fields());
    List<FieldError> errors = new ArrayList<>(body.errors());
    body.params().keySet().forEach(name -> errors.add(new FieldError(name, "is no field")));
    return new Fields(single, body.lists(), errors);
  }

  /** Adds a reason to refuse. */
  void refuse(String field, String message) {
    errors.add(new FieldError(field, message));
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidRequest naming every field that is wrong
   */
  void check() {
    if (!errors.isEmpty()) {
      throw new InvalidRequest(errors);
    }
  }

  /** One line without control characters, or null. */
  @Nullable String line(String field, int most) {
    String text = single.get(field);
    if (text == null) {
      return null;
    }
    if (text.codePointCount(0, text.length()) > most) {
      refuse(field, "must have at most " + most + " characters");
    } else if (!OneLineText.isOne(text)) {
      refuse(field, OneLineText.MESSAGE);
    }
    return text;
  }

  /**
   * A list under {@code plural}, with one more under {@code singular}; null if there is neither.
   */
  @Nullable List<String> list(String plural, String singular) {
    List<String> list = lists.get(plural);
    String one = single.get(singular);
    if (one == null) {
      return list;
    }
    List<String> all = new ArrayList<>(list == null ? List.of() : list);
    all.add(one);
    return all;
  }

  /** True if it says so, false if it is left out. */
  boolean flag(String field) {
    return "true".equals(word(field, "true", "false"));
  }

  /** One of some words, or null. */
  @Nullable String word(String field, String... words) {
    String text = single.get(field);
    if (text != null && !List.of(words).contains(text)) {
      refuse(field, "must be " + String.join(" or ", words));
      return null;
    }
    return text;
  }

  /** A whole number in a range, or null. */
  @Nullable Long number(String field, long least, long most) {
    String text = single.get(field);
    if (text == null) {
      return null;
    }
    // Java takes the digits of every script.
    if (text.strip().matches("-?0*[0-9]{1,18}")) {
      long number = Long.parseLong(text.strip());
      if (number >= least && number <= most) {
        return number;
      }
    }
    refuse(field, "must be a whole number from " + least + " to " + most);
    return null;
  }

  /** A time of RFC 3339, or null. */
  @Nullable Instant time(String field) {
    String text = single.get(field);
    if (text == null) {
      return null;
    }
    try {
      Instant time = OffsetDateTime.parse(text.strip().replace(' ', '+')).toInstant();
      if (Math.abs(time.getEpochSecond()) < 100_000_000_000L) {
        return time;
      }
    } catch (DateTimeException _) {
      // Told below.
    }
    refuse(field, "must be a time such as 2026-01-31T12:00:00Z");
    return null;
  }
}
