package dev.buildonce.database;

/** Which of the two connection pools a statement goes through. */
enum Lane {
  /** HTTP requests: gives up early, so that a caller has an answer within 10 seconds. */
  ASKS,
  /** The service's own work, which must go on however many callers there are. */
  WORK;

  private static final ScopedValue<Lane> CURRENT = ScopedValue.newInstance();

  static Lane current() {
    return CURRENT.orElse(ASKS);
  }

  ScopedValue.Carrier bound() {
    return ScopedValue.where(CURRENT, this);
  }
}
