package dev.buildonce.problems;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-decoding that refuses what it cannot read, where the JDK's puts in U+FFFD. */
final class Percent {

  private Percent() {}

  static String decode(String raw) {
    var bytes = new ByteArrayOutputStream(raw.length());
    int at = 0;
    while (at < raw.length()) {
      int c = raw.codePointAt(at);
      if (c == '%') {
        if (at + 2 >= raw.length() || !isHex(raw.charAt(at + 1)) || !isHex(raw.charAt(at + 2))) {
          throw new IllegalArgumentException("has a % that no two hexadecimal digits follow");
        }
        bytes.write(Integer.parseInt(raw, at + 1, at + 3, 16));
        at += 3;
      } else {
        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        at += Character.charCount(c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException _) {
      throw new IllegalArgumentException("is not UTF-8");
    }
  }

  private static boolean isHex(char c) {
    return Character.digit(c, 16) >= 0 && c < 128;
  }
}
