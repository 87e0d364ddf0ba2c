package dev.buildonce.builders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the value of an environment variable of a builder comes from. */
public sealed interface Variable {

  /** It stands in the builder file, for everybody to see. */
  record Fixed(String value) implements Variable {}

  /**
   * It stands in a file of its own, is read anew for each build, and is masked in the log. At most
   * 100 KiB of UTF-8; line ends at its end do not count.
   */
  record SecretFile(Path file) implements Variable {

    String read(String variable) throws UnreadableSecret {
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(Values.ONE + 1);
      } catch (IOException e) {
        throw new UnreadableSecret(variable, file, e);
      }
      String value;
      try {
        value = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (IOException _) {
        throw new UnreadableSecret(variable, file, "it is no UTF-8 text");
      }
      String unfit = Values.unfit(value);
      if (unfit != null) {
        throw new UnreadableSecret(variable, file, "it " + unfit);
      }
      return value.replaceFirst("[\\r\\n]+\\z", "");
    }
  }
}
