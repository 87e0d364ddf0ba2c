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
  /** KILL of the database that all share, which is started again. */
  KILL_DATABASE,
  /** The line from the service to the database fails in one of the ways in which lines do. */
  FAIL_LINE
}
