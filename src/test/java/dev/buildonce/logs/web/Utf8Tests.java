package dev.buildonce.logs.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class Utf8Tests {

  @Test
  void writeWhenNoSurrogatesAreEncodedGivesWhatTheJdkDecodes() throws IOException {
    var random = new Random(6);
    byte[] starts = {(byte) 0xe2, (byte) 0x82, (byte) 0xac, (byte) 0xf0, (byte) 0x9f, (byte) 0x98};
    byte[] others = {
      'a', '"', '\\', '\n', 0, 31, (byte) 0xe0, (byte) 0xa0, (byte) 0xc0, (byte) 0xff
    };
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = new byte[random.nextInt(1, 30)];
      for (int i = 0; i < bytes.length; i++) {
        byte[] from = random.nextBoolean() ? starts : others;
        bytes[i] =
            round % 5 == 0 ? (byte) random.nextInt(0xee, 256) : from[random.nextInt(from.length)];
      }

      assertThat(decoded(bytes)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  @Test
  void writeWhenSurrogateIsEncodedReplacesEachByte() throws IOException {
    byte[] bytes = {'a', (byte) 0xed, (byte) 0xa0, (byte) 0x80, 'b'};

    assertThat(decoded(bytes)).isEqualTo("a\uFFFD\uFFFD\uFFFDb");
  }

  @Test
  void writeWhenLongerThanTheBufferIsWhole() throws IOException {
    byte[] bytes = "\0€".repeat(20_000).getBytes(StandardCharsets.UTF_8);

    assertThat(decoded(bytes)).isEqualTo(new String(bytes, StandardCharsets.UTF_8));
  }

  private static String decoded(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream();
    out.write('"');
    var json = new JsonText(out);
    json.write(bytes, 0, bytes.length);
    json.flush();
    out.write('"');
    return JsonMapper.shared().readValue(out.toByteArray(), String.class);
  }
}
