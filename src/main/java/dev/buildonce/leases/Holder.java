package dev.buildonce.leases;

import java.util.UUID;
import org.springframework.stereotype.Component;

/** This life of this replica; a restarted service is another holder of the same home. */
@Component
public final class Holder {
  private final UUID id = UUID.randomUUID();

  Holder() {}

  /** Its name among all others: random. */
  public UUID id() {
    return id;
  }
}
