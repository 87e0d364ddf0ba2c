package dev.buildonce.database;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Shows a disk below its floor. It is no reason to send asks elsewhere: hits and joins are
 * answered.
 */
final class DiskHealth implements HealthIndicator {
  private final Disk disk;

  DiskHealth(Disk disk) {
    this.disk = disk;
  }

  @Override
  public Health health() {
    Disk.Room room = disk.room();
    var health =
        Health.up()
            .withDetail("free", room.free())
            .withDetail("total", room.total())
            .withDetail("floor", disk.floor());
    if (disk.low()) {
      health.withDetail(
          "low", "Below its floor: nothing new is started, hits and joins are answered");
    }
    return health.build();
  }
}
