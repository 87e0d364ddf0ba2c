package dev.buildonce.runners;

/** What a build left in its value file. */
public sealed interface Value {

  /** Bytes of the largest value. */
  int LARGEST = 1 << 20;

  /** No file, so no value. */
  record None() implements Value {}

  /** The file's bytes; nobody has looked yet whether they are JSON. */
  record Json(byte[] bytes) implements Value {}

  /** Something that is no value, in words that follow "BUILD_VALUE". */
  record Bad(String reason) implements Value {}
}
