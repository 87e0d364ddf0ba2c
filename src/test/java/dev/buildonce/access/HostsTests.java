package dev.buildonce.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTests {

  @ParameterizedTest
  @CsvSource({
    "CI.Example.COM, ci.example.com",
    "ci.example.com.:8080, ci.example.com",
    "ci.example.com:, ci.example.com",
    "[::1]:8080, [::1]",
    "127.0.0.1:1, 127.0.0.1"
  })
  void normalizedDropsPortDotAndCase(String host, String normalized) {
    assertThat(Hosts.normalized(host)).isEqualTo(normalized);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "10.255.0.9",
        "0.0.0.0",
        "[::1]",
        "[fe80::1%25eth0]",
        "[::ffff:1.2.3.4]"
      })
  void isAddressWhenItIsALiteral(String host) {
    assertThat(Hosts.isAddress(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.4.",
        "1.2.3.evil",
        "a.1.2.3",
        "0x7f.0.0.1",
        "2130706433",
        "[evil]",
        "::1",
        "[::1].evil"
      })
  void isAddressWhenANameServerCouldAnswerForItIsFalse(String host) {
    assertThat(Hosts.isAddress(host)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 127.0.0.1",
    "0:0:0:0:0:0:0:1, ::1",
    "::ffff:10.0.0.1, 10.0.0.1",
    "fe80:0:0:0:0:0:0:1%eth0, fe80:0:0:0:0:0:0:1",
    "unknown, unknown"
  })
  void writtenIsAsPeopleWriteIt(String address, String written) {
    assertThat(Hosts.written(address)).isEqualTo(written);
  }
}
