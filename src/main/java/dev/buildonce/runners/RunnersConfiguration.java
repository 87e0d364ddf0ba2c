package dev.buildonce.runners;

import dev.buildonce.database.Home;
import java.io.IOException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The back ends of this replica. */
@Configuration(proxyBeanMethods = false)
class RunnersConfiguration {

  @Bean
  LocalBackend localBackend(Home home, Pools pools) throws IOException {
    return new LocalBackend(home.directory(), pools.leaseTerm());
  }
}
