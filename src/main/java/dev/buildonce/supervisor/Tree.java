package dev.buildonce.supervisor;

import dev.buildonce.supervisor.ProcessTable.Identity;
import dev.buildonce.supervisor.ProcessTable.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** All processes of one build, whatever they did with session, parent and environment. */
/*
 * A process belongs to the tree if it carries the tree's mark, or has the tree's sign in its
 * environment, or was seen as a member before, or descends from a member, or is an orphan that came
 * to us and can be no other tree's.
 *
 * One pass of KILL misses what was forked meanwhile, so passes are repeated until one finds nobody.
 * Even then a chain of processes of which each forks once and ends may have slipped through between
 * two looks; but its members end as our children, and a pass during which a member was reaped does
 * not count.
 */
final class Tree {

  private static final long SHORTEST_PAUSE = 200_000; // nanoseconds
  private static final long LONGEST_PAUSE = 20_000_000;
  private static final int WORTH_A_LINE = 500; // passes

  private final Trees trees;
  private final long mark;
  private final byte[] sign;
  private final AtomicInteger reaped = new AtomicInteger();
  private final Set<Identity> seen = new HashSet<>();
  private final Set<Identity> beyondReach = new HashSet<>();
  private volatile Identity main = new Identity(0, 0);

  /**
   * A tree without processes so far.
   *
   * @param sign a NAME=value that only its processes have in their environment
   */
  Tree(Trees trees, long mark, byte[] sign) {
    this.trees = trees;
    this.mark = mark;
    this.sign = sign;
  }

  long mark() {
    return mark;
  }

  Identity main() {
    return main;
  }

  /** Names the process that all others descend from. */
  void root(Identity process) {
    main = process;
  }

  /** Takes notice that a process of this tree, or one that may be of it, ended for good. */
  void memberReaped() {
    reaped.incrementAndGet();
  }

  /** Asks every process to end. */
  synchronized void terminate() {
    for (Row member : members()) {
      if (!member.ended()) {
        trees.signal(member, Libc.SIGTERM);
      }
    }
  }

  /** Whether no process is left. */
  synchronized boolean isGone() {
    int before = reaped.get();
    return hasNoChildren() || (members().isEmpty() && reaped.get() == before);
  }

  /**
   * Ends every process, and returns when none is left. Processes that the system does not let us
   * end (those of another user) are left alone.
   *
   * @param impatient when true, gives up
   * @return whether none is left
   */
  boolean kill(BooleanSupplier impatient) {
    long pause = SHORTEST_PAUSE;
    for (int pass = 1; !killOnce(); pass++) {
      if (impatient.getAsBoolean()) {
        return false;
      }
      if (pass % WORTH_A_LINE == 0) {
        Log.line("still ending the processes of " + new String(sign, Trees.TEXT));
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(LONGEST_PAUSE, pause + pause / 2);
    }
    return true;
  }

  /**
   * A look that costs next to nothing; it says nothing of a tree that an earlier supervisor had.
   */
  private boolean hasNoChildren() {
    return main.pid() > 0 && trees.areChildless();
  }

  private synchronized boolean killOnce() {
    if (hasNoChildren()) {
      return true;
    }
    int before = reaped.get();
    List<Row> members = members();
    var groups = new HashSet<Integer>();
    for (Row member : members) {
      if (groups.add(member.group())) {
        trees.killGroup(member); // atomic: what forks meanwhile is caught as well
      }
      if (!trees.signal(member, Libc.SIGKILL)) {
        Log.line("process " + member.pid() + " is not ours to end");
        beyondReach.add(member.identity());
      }
    }
    return members.isEmpty() && reaped.get() == before;
  }

  private List<Row> members() {
    List<Row> table = ProcessTable.list();
    Map<Integer, Row> members = new HashMap<>();
    var others = new ArrayList<Row>();
    for (Row row : table) {
      // Nothing that is older than the first process descends from it.
      if (row.start() < main.start() || trees.isSelf(row) || beyondReach.contains(row.identity())) {
        continue;
      }
      if (belongs(row)) {
        members.put(row.pid(), row);
      } else {
        others.add(row);
      }
    }
    while (others.removeIf(row -> members.containsKey(row.parent()) && add(members, row))) {
      // one generation more
    }
    // A zombie counts only until we reap it; another's is its parent's business, and no process.
    members.values().removeIf(row -> row.ended() && !trees.isOurChild(row));
    members.values().forEach(row -> seen.add(row.identity()));
    return List.copyOf(members.values());
  }

  private static boolean add(Map<Integer, Row> members, Row row) {
    members.put(row.pid(), row);
    return true;
  }

  private boolean belongs(Row row) {
    long carried = ProcessTable.mark(row.pid());
    if (mark != Mark.NONE && carried == mark) {
      return true;
    }
    if (row.identity().equals(main) || seen.contains(row.identity())) {
      return true;
    }
    if (trees.isOfAnother(this, row, carried)) {
      return false;
    }
    return ProcessTable.environmentHolds(row.pid(), sign)
        || (trees.isOurChild(row) && trees.canOnlyBeOf(this, row));
  }

  /** Whether the sign of this tree is in the environment of that process. */
  boolean signed(Row row) {
    return ProcessTable.environmentHolds(row.pid(), sign);
  }
}
