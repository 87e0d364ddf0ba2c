package dev.buildonce.logs;

/**
 * What a log came to in the end.
 *
 * @param bytes its length after masking, dropped stretches included
 * @param lines its lines, the last one counted without a newline, too
 */
public record LogTotal(long bytes, long lines) {}
