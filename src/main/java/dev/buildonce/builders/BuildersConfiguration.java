package dev.buildonce.builders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;

@Configuration(proxyBeanMethods = false)
class BuildersConfiguration {

  @Bean
  BuilderDirectory builderDirectory(
      BuildersProperties properties,
      @Value("classpath:builders/shell.yaml") Resource shell,
      @Value("classpath:builders/git.yaml") Resource git)
      throws IOException {
    return new BuilderDirectory(
        Path.of(properties.buildersDir()).toAbsolutePath(),
        Map.of("shell", shipped("shell", shell), "git", shipped("git", git)),
        new Builders(properties.defaultBuilder()));
  }

  private static Builder shipped(String name, Resource file) throws IOException {
    return Builder.parse(name, file.getContentAsString(UTF_8));
  }

  @Bean
  Builders builders(BuilderDirectory directory) {
    return directory.builders();
  }

  @Bean
  Reload buildersReload(BuilderDirectory directory) {
    return new Reload(directory);
  }

  @Bean
  BuildersHealth buildersHealthIndicator(Builders builders) {
    return new BuildersHealth(builders);
  }
}
