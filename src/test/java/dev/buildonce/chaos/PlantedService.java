package dev.buildonce.chaos;

import dev.buildonce.Application;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.context.support.GenericApplicationContext;

/** The service with a {@link PlantedBug}, which its first argument names. */
final class PlantedService {

  private PlantedService() {}

  public static void main(String[] arguments) {
    PlantedBug bug = PlantedBug.valueOf(arguments[0]);
    SpringApplication application = new SpringApplication(Application.class);
    application.addInitializers(
        context ->
            ((GenericApplicationContext) context)
                .registerBean(
                    "planter",
                    org.springframework.beans.factory.config.BeanPostProcessor.class,
                    bug::planter));
    application.run(Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
