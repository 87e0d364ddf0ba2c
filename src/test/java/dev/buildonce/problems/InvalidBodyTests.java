package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class InvalidBodyTests {

  @ParameterizedTest
  @ValueSource(strings = {"{]", "{\"a\": 1", "[1, x]", "{\"a\": \"b", ""})
  void jsonSaysWhereWithoutJacksonsOwnMatters(String body) {
    var mapper = JsonMapper.builder().build();
    var cause =
        assertThatExceptionOfType(JacksonException.class)
            .isThrownBy(() -> mapper.readValue(body, Object.class))
            .actual();

    assertThat(InvalidBody.json(cause).detail())
        .startsWith("The body is no JSON that fits here: ")
        .endsWith(").")
        .contains("(line 1, column ")
        .doesNotContain("Source");
  }
}
