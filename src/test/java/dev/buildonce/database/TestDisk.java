package dev.buildonce.database;

import java.util.function.Supplier;

/** Disks for tests of other modules. */
public final class TestDisk {

  private TestDisk() {}

  /** A disk that has what a test says, with a floor of 5 %. */
  public static Disk with(Supplier<Disk.Room> room) {
    return new Disk(DiskFloor.valueOf("5%"), room);
  }
}
