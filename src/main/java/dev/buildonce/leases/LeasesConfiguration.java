package dev.buildonce.leases;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The queues as they are configured. */
@Configuration(proxyBeanMethods = false)
class LeasesConfiguration {

  @Bean
  Queues queues(Environment environment) {
    return new Queues(PoolSettings.of(environment, Queues.Queue.class));
  }
}
