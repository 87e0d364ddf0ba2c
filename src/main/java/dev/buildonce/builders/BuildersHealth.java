package dev.buildonce.builders;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Shows bad builder files. They are no reason to send asks elsewhere: all else goes on. */
final class BuildersHealth implements HealthIndicator {

  private final Builders builders;

  BuildersHealth(Builders builders) {
    this.builders = builders;
  }

  @Override
  public Health health() {
    var health = Health.up().withDetail("builders", builders.all().size());
    if (!builders.problems().isEmpty()) {
      health.withDetail("problems", builders.problems());
    }
    if (builders.find(builders.defaultName()).isEmpty()) {
      health.withDetail("default", "There is no builder " + builders.defaultName());
    }
    return health.build();
  }
}
