package dev.buildonce.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTests {

  private static final int SIZE = (int) Segments.SIZE;

  @TempDir Path folder;

  @Test
  void appendCutsAtSegmentsAndKeepsEachByte() throws IOException {
    byte[] bytes = new byte[2 * SIZE + 17];
    new Random(1).nextBytes(bytes);
    try (var spool = Spool.in(folder)) {
      spool.append(ByteBuffer.wrap(bytes, 0, 5));
      spool.append(ByteBuffer.wrap(bytes, 5, bytes.length - 5));
      assertThat(spool.length()).isEqualTo(bytes.length);
    }

    var all = ByteBuffer.allocate(bytes.length);
    for (long at = 0; at < bytes.length; at += SIZE) {
      all.put(Files.readAllBytes(Segments.holding(folder, at)));
    }
    assertThat(all.array()).isEqualTo(bytes);
  }

  @Test
  void storedGivesUpWholeSegmentsOnly() throws IOException {
    try (var spool = Spool.in(folder)) {
      spool.append(ByteBuffer.allocate(3 * SIZE));

      spool.stored(2 * SIZE - 1);

      assertThat(spool.base()).isEqualTo(SIZE);
      assertThat(Segments.holding(folder, 0)).doesNotExist();
      assertThat(Segments.holding(folder, SIZE)).exists();

      spool.stored(Long.MAX_VALUE);
      spool.append(ByteBuffer.allocate(1));

      assertThat(spool.base()).isEqualTo(3 * SIZE);
      assertThat(spool.length()).isEqualTo(3 * SIZE + 1);
    }
  }

  @Test
  void awaitRoomWhenTheBoundIsReachedWaitsForStored() throws Exception {
    try (var spool = Spool.in(folder)) {
      spool.append(ByteBuffer.allocate((int) Spool.BOUND - 1));
      assertThat(spool.awaitRoom(1)).isTrue();
      spool.append(ByteBuffer.allocate(1));

      assertThat(spool.awaitRoom(1)).isFalse();

      spool.stored(SIZE);
      assertThat(spool.awaitRoom(1)).isTrue();
    }
  }

  @Test
  void inWhenSegmentsAreThereGoesOnBehindThem() throws IOException {
    try (var spool = Spool.in(folder)) {
      spool.append(ByteBuffer.allocate(SIZE + 3));
      spool.stored(SIZE);
    }

    try (var spool = Spool.in(folder)) {
      assertThat(spool.base()).isEqualTo(SIZE);
      assertThat(spool.length()).isEqualTo(SIZE + 3);
    }
  }
}
