package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.OpenTelemetry;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

@SpringBootTest
@Import(TestApplication.class)
class ApplicationTests {

  @Test
  void startsOnAMigratedDatabase(@Autowired JdbcClient jdbc) {
    assertThat(jdbc.sql("SELECT count(*) FROM revisions").query(Long.class).single()).isOne();
  }

  @Test
  void makesNoSpansThatNobodyGets(@Autowired ApplicationContext context) {
    assertThat(context.getBeansOfType(Tracer.class)).isEmpty();
    assertThat(context.getBeansOfType(OpenTelemetry.class)).isEmpty();
  }
}
