package dev.buildonce.builds;

import dev.buildonce.database.Transactions;
import dev.buildonce.logs.Logs;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Notes which builds answered asks: in memory at first, then together, at most hourly per key. */
@Component
class Uses {
  /** A bound: what is not noted now is so at the next ask. */
  private static final int MOST = 100_000;

  private static final int PIECE = 500;

  private final KeepTable table;
  private final Logs logs;
  private final Transactions transactions;
  private final Set<Long> noted = ConcurrentHashMap.newKeySet();

  Uses(KeepTable table, Logs logs, Transactions transactions) {
    this.table = table;
    this.logs = logs;
    this.transactions = transactions;
  }

  /** Notes that a build answered an ask. */
  void note(long buildId) {
    if (noted.size() < MOST) {
      noted.add(buildId);
    }
  }

  /** Stores what was noted before this call. */
  void store() {
    while (!noted.isEmpty()) {
      List<Long> piece = new ArrayList<>(PIECE);
      for (Iterator<Long> each = noted.iterator(); each.hasNext() && piece.size() < PIECE; ) {
        piece.add(each.next());
        each.remove();
      }
      transactions.run(() -> logs.used(table.used(piece)));
    }
  }
}
