package dev.buildonce.access;

/** The service was told to listen where others can reach it, and to be local. */
final class NotLoopback extends RuntimeException {

  NotLoopback(String address) {
    super(
        "server.address is "
            + address
            + ", but buildonce.access=local listens on loopback only: set server.address=127.0.0.1,"
            + " or buildonce.access=open if whoever reaches the port may run commands as this user");
  }
}
