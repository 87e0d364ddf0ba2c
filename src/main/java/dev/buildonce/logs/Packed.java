package dev.buildonce.logs;

/** Bytes of a log as a chunk stores them, and in which way. */
@SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
record Packed(Codec codec, byte[] data) {}
