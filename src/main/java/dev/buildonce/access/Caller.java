package dev.buildonce.access;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Who sent a request.
 *
 * @param address the IP address the request came from, as people write it
 */
public record Caller(String address) {

  /** The caller of a request. */
  public static Caller of(HttpServletRequest request) {
    return new Caller(Hosts.written(request.getRemoteAddr()));
  }

  /** What a build's requester is called when the ask names none. */
  public String requester() {
    return address;
  }
}
