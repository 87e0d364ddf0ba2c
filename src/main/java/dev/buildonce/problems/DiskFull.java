package dev.buildonce.problems;

import org.springframework.http.HttpStatus;

/** 503 {@code disk-full}: there is no room to store anything new. */
public final class DiskFull extends Problem {

  /**
   * Refuses until there is room.
   *
   * @param what which disk, and how full
   */
  public DiskFull(String what) {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "disk-full",
        "Disk full",
        what
            + " Nothing was started; what is there already is answered. Ask again later, or build it"
            + " yourself.");
    header("Retry-After", "30");
  }
}
