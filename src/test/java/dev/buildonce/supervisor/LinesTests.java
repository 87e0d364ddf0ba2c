package dev.buildonce.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LinesTests {

  private static Lines lines(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new Lines(Channels.newChannel(new ByteArrayInputStream(bytes)));
  }

  @Test
  void nextGivesLinesWithoutTheirEnds() throws IOException {
    String large = "x".repeat(3 << 20);
    var lines = lines("one\n\n" + large + "\ntwo\nbroken off");

    assertThat(lines.next()).isEqualTo("one");
    assertThat(lines.next()).isEmpty();
    assertThat(lines.next()).isEqualTo(large);
    assertThat(lines.next()).isEqualTo("two");
    assertThat(lines.next()).isNull();
  }

  @Test
  void nextWhenALineIsTooLongFails() {
    var lines = lines("x".repeat(Protocol.MAX_LINE + 1) + "\n");

    assertThatIOException().isThrownBy(lines::next);
  }

  @Test
  void textsTravelAsWords() throws IOException {
    var out = new ByteArrayOutputStream();
    String text = "a b\nü\t€";

    Lines.write(Channels.newChannel(out), Protocol.encode(text) + " " + Protocol.encode("") + "\n");

    String[] words = out.toString(StandardCharsets.ISO_8859_1).strip().split(" ");
    assertThat(words).hasSize(2);
    assertThat(Protocol.decode(words[0])).isEqualTo(text);
    assertThat(Protocol.decode(words[1])).isEmpty();
  }

  @Test
  void endingIsReadAsItWasWritten() {
    assertThat(Ending.of(0x0700, 12, Ending.Cause.ITSELF))
        .isEqualTo(new Ending(7, 0, 12, Ending.Cause.ITSELF));
    var killed = Ending.of(0x89, 1L << 40, Ending.Cause.STOPPED); // with a core dump
    assertThat(killed).isEqualTo(new Ending(-1, 9, 1L << 40, Ending.Cause.STOPPED));
    assertThat(Ending.parse(killed.format() + "\n")).isEqualTo(killed);
  }
}
