package dev.buildonce.viewer;

import dev.buildonce.builds.Attempt;
import dev.buildonce.builds.BuildKey;

/**
 * What the page does, as commands. A key has no character that a shell or a path would read
 * otherwise; in a form {@code +} is a space.
 */
final class Curl {

  private final String url;
  private final BuildKey key;

  Curl(String url, BuildKey key) {
    this.url = url;
    this.key = key;
  }

  private String path() {
    return url + "/builds/" + key;
  }

  String ask() {
    return "curl -N -H 'Accept: text/plain' -X POST " + path();
  }

  String look() {
    return "curl " + path();
  }

  String log(Attempt attempt) {
    return "curl -N " + path() + "/attempts/" + attempt.number() + "/log";
  }

  String rebuild(boolean again) {
    return "curl "
        + url
        + "/rebuild -d key="
        + key.value().replace("+", "%2B")
        + (again ? " -d whileBuilding=again" : " -d build=true");
  }

  String cancel(Attempt attempt) {
    return "curl -X POST " + path() + "/cancel -d attempt=" + attempt.number();
  }

  String delete() {
    return "curl -X DELETE " + path();
  }

  String removeLog(Attempt attempt) {
    return "curl -X DELETE " + path() + "/attempts/" + attempt.number() + "/log";
  }
}
