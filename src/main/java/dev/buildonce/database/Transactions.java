package dev.buildonce.database;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Runs work in a transaction (READ COMMITTED), on one of two lanes of connections: asks, the
 * default, which is for HTTP requests, and {@linkplain #work(Supplier) work}, the service's own.
 *
 * <p>Whatever is thrown rolls back. A commit that failed, or of which nobody knows whether it
 * happened because the connection was lost, throws: look it up before you judge it.
 */
public final class Transactions {

  private static final DefaultTransactionDefinition REQUIRED = new DefaultTransactionDefinition();

  private final PlatformTransactionManager manager;

  /**
   * Uses a transaction manager, whose data source decides what the lanes mean.
   *
   * @param manager over the data source that the statements go through
   */
  public Transactions(PlatformTransactionManager manager) {
    this.manager = manager;
  }

  /**
   * Runs work in the open transaction of this thread, else in one of its own, which is committed
   * when this returns. Work that throws inside an open transaction dooms that one, too.
   *
   * @return what the work returns
   * @throws org.springframework.dao.DataAccessException if a statement or the connection failed
   * @throws org.springframework.transaction.TransactionException if it could not begin or commit
   */
  public <T extends @Nullable Object> T call(Supplier<T> work) {
    TransactionStatus status = manager.getTransaction(REQUIRED);
    T result;
    try {
      result = work.get();
    } catch (Throwable e) {
      rollback(status, e);
      throw e;
    }
    manager.commit(status);
    return result;
  }

  /** Like {@link #call}, for work that returns nothing. */
  public void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }

  /** What went wrong first is what counts: with the connection lost, a rollback fails as well. */
  private void rollback(TransactionStatus status, Throwable reason) {
    try {
      manager.rollback(status);
    } catch (TransactionException e) {
      reason.addSuppressed(e);
    }
  }

  /**
   * Runs something on the work lane: all of this thread's statements and transactions in there use
   * the service's own connections. It is no transaction by itself.
   *
   * @return what it returns
   * @throws IllegalStateException if a transaction of the asks lane is open, which could not follow
   */
  public static <T extends @Nullable Object> T work(Supplier<T> work) {
    if (Lane.current() == Lane.WORK) {
      return work.get();
    }
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      throw new IllegalStateException("A transaction of the asks lane is open in this thread");
    }
    return Lane.WORK.bound().call(work::get);
  }

  /** Like {@link #work(Supplier)}, for work that returns nothing. */
  public static void work(Runnable work) {
    work(
        () -> {
          work.run();
          return true;
        });
  }
}
