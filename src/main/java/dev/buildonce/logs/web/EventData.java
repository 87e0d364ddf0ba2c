package dev.buildonce.logs.web;

/**
 * The data of {@code status} and {@code end} events.
 *
 * @param <S> what the data is made of
 */
public interface EventData<S> {

  /** The attempt as JSON. */
  String json(S attempt);
}
