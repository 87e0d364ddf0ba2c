package dev.buildonce.runners;

import dev.buildonce.database.Home;
import dev.buildonce.leases.PoolSettings;
import java.io.IOException;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The back ends of this replica. */
@Configuration(proxyBeanMethods = false)
class RunnersConfiguration {

  @Bean
  Pools pools(Environment environment, @Value("${buildonce.lease-term:30s}") Duration leaseTerm) {
    return new Pools(PoolSettings.of(environment, Pools.Pool.class), leaseTerm);
  }

  @Bean
  LocalBackend localBackend(Home home, Pools pools) throws IOException {
    return new LocalBackend(home.directory(), pools.leaseTerm());
  }
}
