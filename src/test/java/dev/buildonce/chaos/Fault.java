package dev.buildonce.chaos;

/** What can happen to a service and what it consists of. */
enum Fault {
  /** KILL of the service, which is started again. */
  KILL_SERVICE,
  /** TERM to the service, which is started again. */
  STOP_SERVICE,
  /** The service stands still for a while, maybe past its leases' term. */
  PAUSE_SERVICE,
  /** KILL of the supervisor of its builds. */
  KILL_SUPERVISOR,
  /** KILL of a build's shell. */
  KILL_BUILD,
  /**
   * The disk that the service, its supervisor and its builds are on is below its floor, or full.
   */
  FILL_DISK,
  /** KILL of the database that all share, which is started again. */
  KILL_DATABASE,
  /** The line from the service to the database fails in one of the ways in which lines do. */
  FAIL_LINE
}
