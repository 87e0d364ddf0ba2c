package dev.buildonce.supervisor;

/** Starts threads that do not keep the supervisor alive, with small stacks. */
final class Threads {

  private static final long STACK = 512 << 10; // bytes

  private Threads() {}

  static void start(String name, Runnable work) {
    var thread = new Thread(null, work, name, STACK);
    thread.setDaemon(true);
    thread.start();
  }
}
