package dev.buildonce.runners;

import dev.buildonce.database.Disk;
import dev.buildonce.database.Home;
import dev.buildonce.leases.PoolSettings;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** The back ends of this replica. */
@Configuration(proxyBeanMethods = false)
class RunnersConfiguration {

  @Bean
  Pools pools(Environment environment, RunnersProperties properties) {
    return new Pools(PoolSettings.of(environment, Pools.Pool.class), properties.leaseTerm());
  }

  @Bean
  LocalBackend localBackend(Home home, Pools pools, Disk disk) throws IOException {
    return new LocalBackend(home.directory(), pools.leaseTerm(), disk::room);
  }
}
