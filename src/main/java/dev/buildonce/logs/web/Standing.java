package dev.buildonce.logs.web;

import dev.buildonce.logs.LogId;
import org.jspecify.annotations.Nullable;

/**
 * Where an attempt stands, as a stream of its log sees it.
 *
 * @param <S> what the caller's own lines or events are made of; equal values tell nothing new
 * @param attempt its number
 * @param log its log
 * @param ended whether its end is published, so that its log is closed
 * @param next the attempt that the stream goes on with once it has passed this log on; null if it
 *     ends there, or if the attempt has not ended
 * @param detail what is told of it
 */
public record Standing<S>(
    int attempt, LogId log, boolean ended, @Nullable Integer next, S detail) {}
