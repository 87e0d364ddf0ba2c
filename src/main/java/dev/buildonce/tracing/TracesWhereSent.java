package dev.buildonce.tracing;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves all of tracing out unless there is an endpoint to send traces to. Spring Boot would make
 * spans all the same, of which nobody ever sees one.
 */
final class TracesWhereSent implements AutoConfigurationImportFilter, EnvironmentAware {
  private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";

  private boolean sent;

  @Override
  public void setEnvironment(Environment environment) {
    String endpoint = environment.getProperty(ENDPOINT);
    sent = endpoint != null && !endpoint.isBlank();
  }

  @Override
  public boolean[] match(
      @Nullable String[] classes, AutoConfigurationMetadata autoConfigurationMetadata) {
    boolean[] matches = new boolean[classes.length];
    for (int i = 0; i < classes.length; i++) {
      String name = classes[i];
      matches[i] = sent || name == null || !isTracing(name);
    }
    return matches;
  }

  private static boolean isTracing(String name) {
    return name.startsWith("org.springframework.boot.micrometer.tracing.")
        || name.startsWith("org.springframework.boot.opentelemetry.");
  }
}
