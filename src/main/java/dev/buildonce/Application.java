package dev.buildonce;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the service. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class Application {

  /**
   * Runs the service until it is told to stop.
   *
   * @param args settings, Spring Boot's way: {@code --buildonce.home=/var/lib/buildonce}
   */
  public static void main(String[] args) {
    SpringApplication.run(Application.class, args);
  }
}
