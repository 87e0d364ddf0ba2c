package dev.buildonce.logs.web;

import dev.buildonce.problems.Problem;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;

/** 503: all places for those who look through whole logs are taken. */
final class TooManySearches extends Problem {

  TooManySearches() {
    super(
        HttpStatus.SERVICE_UNAVAILABLE,
        "too-many-searches",
        "Too many searches",
        "Many logs are being searched at this moment. Try again in a second.");
    header(HttpHeaders.RETRY_AFTER, "1");
  }
}
