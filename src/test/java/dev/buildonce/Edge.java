package dev.buildonce;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;

/**
 * The modules {@code problems} and {@code access} on a real Jetty port, without a database: what
 * the service does with a request before a build is meant.
 */
public final class Edge implements AutoCloseable {

  private static final String WITHOUT_DATABASE =
      "spring.autoconfigure.exclude="
          + String.join(
              ",",
              "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
              "org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration",
              "org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration",
              "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration",
              "org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration",
              "org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration");

  private final ConfigurableApplicationContext context;

  private Edge(ConfigurableApplicationContext context) {
    this.context = context;
  }

  /** Starts it with further controllers or beans and settings ({@code --name=value}). */
  public static Edge start(List<Class<?>> more, String... settings) {
    var sources = new ArrayList<Class<?>>(more);
    sources.add(Modules.class);
    var arguments =
        new ArrayList<>(
            List.of(
                "--server.port=0",
                "--" + WITHOUT_DATABASE,
                "--management.endpoint.health.validate-group-membership=false"));
    arguments.addAll(List.of(settings));
    return new Edge(
        new SpringApplicationBuilder(sources.toArray(Class<?>[]::new))
            .run(arguments.toArray(String[]::new)));
  }

  public int port() {
    return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public <T> T bean(Class<T> type) {
    return context.getBean(type);
  }

  @Override
  public void close() {
    context.close();
  }

  @EnableAutoConfiguration
  @ComponentScan({"dev.buildonce.problems", "dev.buildonce.access"})
  @ConfigurationPropertiesScan("dev.buildonce.access")
  static final class Modules {}
}
