package dev.buildonce.builds.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

class ConstantControllerTests {
  private final WebApplicationContextRunner service =
      new WebApplicationContextRunner().withUserConfiguration(ConstantController.class);

  @Test
  void isThereForABenchmarkOnLoopback() {
    service
        .withPropertyValues("buildonce.bench=true", "server.address=127.0.0.1")
        .run(context -> assertThat(context).hasSingleBean(ConstantController.class));
  }

  @Test
  void isNotThereUnlessItIsWanted() {
    service
        .withPropertyValues("server.address=127.0.0.1")
        .run(context -> assertThat(context).doesNotHaveBean(ConstantController.class));
  }

  @Test
  void isNotThereBeyondLoopback() {
    var bench = service.withPropertyValues("buildonce.bench=true");

    bench.run(context -> assertThat(context).doesNotHaveBean(ConstantController.class));
    bench
        .withPropertyValues("server.address=0.0.0.0")
        .run(context -> assertThat(context).doesNotHaveBean(ConstantController.class));
  }
}
