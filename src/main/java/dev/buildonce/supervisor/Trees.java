package dev.buildonce.supervisor;

import dev.buildonce.supervisor.ProcessTable.Row;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The trees of the builds that run, and what they share: one lock under which processes are
 * started, reaped and signalled, so that no signal meets a pid that was given to somebody else.
 */
final class Trees {

  static final Charset TEXT = StandardCharsets.UTF_8;

  private final Set<Tree> live = ConcurrentHashMap.newKeySet();
  private final Row self;
  private final boolean adoptsOrphans;

  /**
   * No trees so far.
   *
   * @param adoptsOrphans whether orphans among our descendants become our children
   */
  Trees(boolean adoptsOrphans) {
    this.adoptsOrphans = adoptsOrphans;
    int pid = (int) ProcessHandle.current().pid();
    Row row = ProcessTable.find(pid);
    this.self = row == null ? new Row(pid, 0, pid, pid, 0, false) : row;
  }

  void add(Tree tree) {
    live.add(tree);
  }

  void remove(Tree tree) {
    live.remove(tree);
  }

  boolean isSelf(Row row) {
    return row.pid() == self.pid();
  }

  boolean isOurChild(Row row) {
    return row.parent() == self.pid();
  }

  /** Whether no tree has a process: orphans come to us, so that each of them had a child here. */
  boolean areChildless() {
    return adoptsOrphans && Libc.endedChild(false) == Libc.CHILDLESS;
  }

  /** Whether the process is known to belong to another tree than that one. */
  boolean isOfAnother(Tree tree, Row row, long mark) {
    for (Tree other : live) {
      if (other != tree
          && ((mark != Mark.NONE && mark == other.mark()) || row.identity().equals(other.main()))) {
        return true;
      }
    }
    return live.stream().anyMatch(other -> other != tree && other.signed(row));
  }

  /**
   * Whether an orphan that shed every sign of where it comes from must be of that tree, because no
   * other tree was there when it started.
   */
  boolean canOnlyBeOf(Tree tree, Row orphan) {
    return tree.mark() != Mark.NONE
        && live.stream()
            .noneMatch(other -> other != tree && other.main().start() <= orphan.start());
  }

  /** Takes the end of a child notice of, and frees its pid. */
  synchronized int reap(int pid) {
    long mark = ProcessTable.mark(pid);
    int status = Libc.reap(pid);
    boolean known = false;
    for (Tree tree : live) {
      if (mark != Mark.NONE && tree.mark() == mark) {
        tree.memberReaped();
        known = true;
      }
    }
    if (!known) {
      live.forEach(Tree::memberReaped);
    }
    return status;
  }

  /** Signals a process if it is still the same; false if the system does not allow it. */
  synchronized boolean signal(Row row, int signal) {
    if (row.pid() <= 1 || isSelf(row) || !isStill(row)) {
      return true;
    }
    return Libc.kill(row.pid(), signal) || Libc.errno() != Libc.EPERM;
  }

  /** Kills the group of a process if it is still the same. */
  synchronized void killGroup(Row row) {
    if (row.group() > 1
        && row.group() != self.group()
        && row.session() != self.session()
        && isStill(row)) {
      Libc.kill(-row.group(), Libc.SIGKILL);
    }
  }

  private static boolean isStill(Row row) {
    Row now = ProcessTable.find(row.pid());
    return now != null && now.start() == row.start();
  }
}
