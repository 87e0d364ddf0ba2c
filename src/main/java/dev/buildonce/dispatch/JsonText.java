package dev.buildonce.dispatch;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Text that is checked to be one JSON value and otherwise left as it was written. */
final class JsonText {
  /** Whoever reads such a document has to go as deep. */
  private static final int DEEPEST = 500;

  /** What is looked at is short, so that its numbers and names may have any length. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonText() {}

  /** The text without blanks around it if it is one JSON value in UTF-8, else null. */
  static @Nullable String of(byte[] bytes) {
    try {
      // Decoded by us: a parser that is given bytes would take UTF-16 and a byte order mark, too.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
        if (parser.nextToken() == null) {
          return null;
        }
        parser.skipChildren();
        return parser.nextToken() == null ? text.strip() : null;
      }
    } catch (JacksonException | CharacterCodingException e) {
      return null;
    }
  }
}
