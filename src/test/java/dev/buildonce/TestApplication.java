package dev.buildonce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.test.context.DynamicPropertyRegistrar;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The application on the test database, with a home that is thrown away: import it beside {@code
 * SpringBootTest}, or run {@link #main} to try something.
 */
@TestConfiguration(proxyBeanMethods = false)
public class TestApplication {

  public static void main(String[] args) {
    SpringApplication.from(Application::main).with(TestApplication.class).run(args);
  }

  @Bean
  @ServiceConnection
  @Conditional(InContainer.class)
  PostgreSQLContainer container() {
    return new FreshDatabaseContainer();
  }

  @Bean
  @Conditional(Embedded.class)
  JdbcConnectionDetails embedded() {
    TestServer server = TestServer.get();
    String url = server.url(TestDatabase.make(server));
    return new JdbcConnectionDetails() {
      @Override
      public String getJdbcUrl() {
        return url;
      }

      @Override
      public String getUsername() {
        return server.user();
      }

      @Override
      public String getPassword() {
        return server.password();
      }
    };
  }

  @Bean
  DynamicPropertyRegistrar testHome() throws IOException {
    Path homes = Files.createDirectories(Path.of("target", "test-homes").toAbsolutePath());
    Path home = Files.createTempDirectory(homes, "home-");
    return properties -> properties.add("buildonce.home", home::toString);
  }

  static class InContainer implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return TestDatabase.inContainer();
    }
  }

  static class Embedded implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return !TestDatabase.inContainer();
    }
  }
}
