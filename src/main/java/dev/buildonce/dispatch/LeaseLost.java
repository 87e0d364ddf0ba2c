package dev.buildonce.dispatch;

/** Somebody else carries the attempt on: nothing more is to be done or signalled for it here. */
final class LeaseLost extends RuntimeException {
  LeaseLost(long attemptId) {
    super("The lease of attempt " + attemptId + " was taken by another holder", null, false, false);
  }
}
