package dev.buildonce.builders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A digest of values in a form that has one reading: each with its length in front, an absent one
 * different from an empty one. What it says of the same values must never change: it is stored.
 */
final class Canonical {

  private final MessageDigest digest;

  /**
   * Begins one.
   *
   * @param kind what is digested, so that two kinds never share a digest
   */
  Canonical(String kind) {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    add(kind);
  }

  Canonical add(@Nullable String value) {
    if (value == null) {
      return count(-1);
    }
    byte[] bytes = value.getBytes(UTF_8);
    count(bytes.length);
    digest.update(bytes);
    return this;
  }

  Canonical count(int size) {
    digest.update(ByteBuffer.allocate(4).putInt(size).flip());
    return this;
  }

  Canonical add(Map<String, String> values) {
    count(values.size());
    new TreeMap<>(values).forEach((name, value) -> add(name).add(value));
    return this;
  }

  @Override
  public String toString() {
    throw new UnsupportedOperationException("use digest()");
  }

  /** The end: {@code sha256:} and 64 hex digits. */
  String digest() {
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }
}
