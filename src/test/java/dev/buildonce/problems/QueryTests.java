package dev.buildonce.problems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;

class QueryTests {

  @Test
  void ofWhenThereIsNoQueryHasNothing() {
    var query = query(null).allow();

    assertThat(query.has("wait")).isFalse();
    assertThat(query.text("wait")).isNull();
    assertThat(query.texts("tag")).isEmpty();
    assertThat(query.duration("wait")).isNull();
    assertThat(query.number("limit", 1, 500)).isNull();
    assertThat(query.word("expect", "success")).isNull();
    assertThat(query.flag("initial", false)).isFalse();
    assertThat(query.flag("initial", true)).isTrue();
  }

  @Test
  void ofDecodesNamesAndValues() {
    var query =
        query("prefix=a%2Bb&tag=x+y&&tag=%C3%A9&bare")
            .allow(Set.of("prefix", "bare"), Set.of("tag"));

    assertThat(query.text("prefix")).isEqualTo("a+b");
    assertThat(query.texts("tag")).containsExactly("x y", "é");
    assertThat(query.text("bare")).isEmpty();
  }

  @Test
  void ofWhenItCannotBeDecodedRefuses() {
    for (var broken : List.of("a=%", "a=%2", "a=%zz", "a=%FF", "%C3=b", "a=%c0%af")) {
      assertThat(refusal(() -> query(broken)).errors())
          .as(broken)
          .extracting(FieldError::field)
          .containsExactly("query");
    }
  }

  @Test
  void allowWhenNamesAreUnknownOrRepeatedNamesThemAll() {
    var query = query("expect=success&expects=success&wait=1&wait=2");

    var refusal = refusal(() -> query.allow("expect", "wait"));

    assertThat(refusal.status().value()).isEqualTo(422);
    assertThat(refusal.errors())
        .containsExactly(
            new FieldError("expects", "is unknown here: this path takes expect, wait"),
            new FieldError("wait", "is given 2 times"));
    assertThat(refusal.detail()).contains("expects is unknown").contains("and 1 more");
  }

  @Test
  void valuesWhenTheyFitAreTyped() {
    var query = query("expect=success&wait=10m&limit=500&follow=false");

    assertThat(query.word("expect", "success", "end")).isEqualTo("success");
    assertThat(query.duration("wait")).isEqualTo(Duration.ofMinutes(10));
    assertThat(query.number("limit", 1, 500)).isEqualTo(500);
    assertThat(query.flag("follow", true)).isFalse();
  }

  @Test
  void valuesWhenTheyDoNotFitAreRefusedByName() {
    var query =
        query("expect=succes&wait=soon&limit=501&from=99999999999999999999&follow=yes&empty=");

    assertThat(fieldOf(() -> query.word("expect", "success"))).isEqualTo("expect");
    assertThat(fieldOf(() -> query.duration("wait"))).isEqualTo("wait");
    assertThat(fieldOf(() -> query.number("limit", 1, 500))).isEqualTo("limit");
    assertThat(fieldOf(() -> query.number("from", 0, Long.MAX_VALUE))).isEqualTo("from");
    assertThat(fieldOf(() -> query.flag("follow", true))).isEqualTo("follow");
    assertThat(fieldOf(() -> query.number("empty", 0, 9))).isEqualTo("empty");
    assertThat(fieldOf(() -> query.duration("empty"))).isEqualTo("empty");
  }

  private static String fieldOf(ThrowingCallable call) {
    return refusal(call).errors().getFirst().field();
  }

  private static InvalidRequest refusal(ThrowingCallable call) {
    return assertThatExceptionOfType(InvalidRequest.class).isThrownBy(call).actual();
  }

  private static Query query(String raw) {
    var request = new MockHttpServletRequest("GET", "/builds");
    request.setQueryString(raw);
    return Query.of(request);
  }
}
