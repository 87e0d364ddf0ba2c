package dev.buildonce.logs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some lines of a log, one behind the other.
 *
 * @param lines as many as were asked for, or as fit; two more if a line was kept in part
 * @param next the number of the line to go on with: the last one again if it may get longer; null
 *     if the log ends here
 */
public record LogPage(List<LogLine> lines, @Nullable Long next) {}
