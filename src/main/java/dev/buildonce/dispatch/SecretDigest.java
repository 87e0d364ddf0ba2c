package dev.buildonce.dispatch;

import dev.buildonce.database.Home;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Names the secrets of a run, so that a later life of this home knows whether it has the same ones.
 * Who has no key of the home cannot try out what they may be.
 */
@Component
final class SecretDigest {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  SecretDigest(Home home) {
    this.key = new SecretKeySpec(home.key(), ALGORITHM);
  }

  /** The name of these, or null if there are none. */
  @Nullable String of(Collection<String> secrets) {
    if (secrets.isEmpty()) {
      return null;
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      secrets.stream()
          .sorted()
          .map(secret -> secret.getBytes(StandardCharsets.UTF_8))
          .forEach(
              secret -> {
                mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, secret.length));
                mac.update(secret);
              });
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
