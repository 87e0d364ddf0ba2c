package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

@SpringBootTest
@Import(TestApplication.class)
class ApplicationTests {

  @Test
  void startsOnAMigratedDatabase(@Autowired JdbcClient jdbc) {
    assertThat(jdbc.sql("SELECT count(*) FROM revisions").query(Long.class).single()).isOne();
  }
}
