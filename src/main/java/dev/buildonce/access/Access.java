package dev.buildonce.access;

/** Who may call. */
enum Access {
  /** The service listens on loopback only. */
  LOCAL,
  /** Whoever reaches the port may do everything. */
  OPEN
}
