package dev.buildonce.builds.web;

import dev.buildonce.builds.Ask;
import dev.buildonce.builds.InvalidBuild;
import dev.buildonce.problems.Durations;
import dev.buildonce.problems.FieldError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotSupportedException;

/**
 * Reads and checks the fields of an ask but builder and params, which only the key's builder can.
 */
final class AskReader {
  private static final Set<String> FIELDS =
      new LinkedHashSet<>(
          List.of(
              "builder", "title", "priority", "timeout", "requester", "maxAge", "maxFailureAge"));

  private static final int TAGS = 32;

  private final Map<String, String> fields;
  private final List<FieldError> errors = new ArrayList<>();

  private AskReader(Map<String, String> fields) {
    this.fields = fields;
  }

  /**
   * The ask of a body.
   *
   * @param caller the requester unless the body names one
   * @throws HttpMediaTypeNotSupportedException if the body is neither JSON nor a form
   * @throws InvalidBuild naming every field that is wrong
   */
  static Ask read(byte[] body, @Nullable MediaType type, String caller, Wishes wishes)
      throws HttpMediaTypeNotSupportedException {
    AskBody read = AskBody.read(body, type, FIELDS, "tags", "tag");
    AskReader reader = new AskReader(read.fields());
    reader.errors.addAll(read.errors());
    Ask ask =
        new Ask(
            reader.text("builder", 255),
            read.params(),
            reader.title(),
            reader.tags(read.lists().get("tags")),
            reader.priority(),
            reader.timeout(),
            reader.requester(caller),
            wishes.noCache() ? Duration.ZERO : reader.duration("maxAge"),
            reader.duration("maxFailureAge"),
            wishes.onlyIfCached());
    if (!reader.errors.isEmpty()) {
      throw new InvalidBuild(reader.errors);
    }
    return ask;
  }

  private @Nullable String text(String field, int most) {
    String text = fields.get(field);
    if (text != null && text.codePointCount(0, text.length()) > most) {
      errors.add(new FieldError(field, "must have at most " + most + " characters"));
      return null;
    }
    return text == null || printable(field, text) ? text : null;
  }

  private boolean printable(String field, String text) {
    boolean printable = OneLineText.isOne(text);
    if (!printable) {
      errors.add(new FieldError(field, OneLineText.MESSAGE));
    }
    return printable;
  }

  /** An empty one is none, as forms of pages send it. */
  private @Nullable String title() {
    String title = text("title", 200);
    return title == null || title.isBlank() ? null : title;
  }

  private String requester(String caller) {
    String requester = text("requester", 100);
    return requester == null || requester.isBlank() ? caller : requester;
  }

  private @Nullable List<String> tags(@Nullable List<String> tags) {
    if (tags == null) {
      return null;
    }
    if (tags.size() > TAGS) {
      errors.add(new FieldError("tags", "must be at most " + TAGS));
    }
    for (String tag : tags) {
      if (tag.isEmpty() || tag.codePointCount(0, tag.length()) > 200) {
        errors.add(new FieldError("tags", "a tag must have 1 to 200 characters"));
      } else {
        printable("tags", tag);
      }
    }
    return tags.stream().distinct().toList();
  }

  private @Nullable Integer priority() {
    String text = fields.get("priority");
    if (text == null) {
      return null;
    }
    // Java takes the digits of every script.
    if (text.strip().matches("[+-]?0*[0-9]{1,3}")) {
      int priority = Integer.parseInt(text.strip());
      if (priority >= -100 && priority <= 100) {
        return priority;
      }
    }
    errors.add(new FieldError("priority", "must be a whole number from -100 to 100"));
    return null;
  }

  private @Nullable Duration timeout() {
    Duration timeout = duration("timeout");
    if (timeout != null && timeout.isZero()) {
      errors.add(new FieldError("timeout", "must be more than 0"));
    }
    return timeout;
  }

  private @Nullable Duration duration(String field) {
    String text = fields.get(field);
    if (text == null) {
      return null;
    }
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      errors.add(new FieldError(field, String.valueOf(e.getMessage())));
      return null;
    }
  }
}
