package dev.buildonce.logs;

import java.util.List;

/**
 * The folds of a log.
 *
 * @param folds by their first lines; one within another is behind it
 * @param truncated whether there may be more, for they were too many or took too long to find
 */
public record LogFolds(List<LogFold> folds, boolean truncated) {}
