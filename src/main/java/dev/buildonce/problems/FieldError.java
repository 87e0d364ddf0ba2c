package dev.buildonce.problems;

/**
 * What is wrong with one field of a request.
 *
 * @param field the field, parameter or header, named as the caller wrote it
 * @param message what is wrong with it and what would be right
 */
public record FieldError(String field, String message) {}
