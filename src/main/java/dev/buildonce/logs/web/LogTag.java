package dev.buildonce.logs.web;

import dev.buildonce.logs.LogInfo;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The {@code ETag} of a closed log. Its bytes never change, so what tells it from every other log
 * is digested instead of the bytes.
 */
final class LogTag {

  /** To be changed with whatever we write between the bytes. */
  private static final String FORM = "2";

  private LogTag() {}

  /**
   * The tag of one representation.
   *
   * @param form what tells it from the others of this log; empty for its bytes
   */
  static String of(LogInfo info, String form, boolean gzip) {
    String facts =
        String.join(
            ":",
            FORM,
            form,
            info.id().toString(),
            Long.toString(info.bytes()),
            Long.toString(info.lines()),
            Boolean.toString(info.dropped()),
            String.valueOf(info.closedAt()));
    byte[] digest = sha256().digest(facts.getBytes(StandardCharsets.UTF_8));
    return '"' + HexFormat.of().formatHex(digest, 0, 16) + (gzip ? "-gzip\"" : "\"");
  }

  /** Whether an {@code If-None-Match} names this tag. */
  static boolean matches(@Nullable String header, String tag) {
    if (header == null) {
      return false;
    }
    for (String named : header.split(",", -1)) {
      String strong = named.strip().startsWith("W/") ? named.strip().substring(2) : named.strip();
      if (strong.equals(tag) || strong.equals("*")) {
        return true;
      }
    }
    return false;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
