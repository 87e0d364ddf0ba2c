package dev.buildonce;

import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

/** Holds the modules to the uses that each declares. */
class ModularityTests {

  @Test
  void modulesUseOnlyWhatTheyDeclare() {
    ApplicationModules.of(Application.class).verify();
  }
}
