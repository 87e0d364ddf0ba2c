package dev.buildonce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the services that tests start answered, whoever asked them (a client of ours, curl, a raw
 * connection): each notes it in its own access log.
 */
final class SeenAnswers {

  /** The headers that are noted beside the content type. */
  static final List<String> HEADERS =
      List.of(
          "Accept-Ranges",
          "Allow",
          "Cache-Control",
          "Cache-Status",
          "Content-Location",
          "Content-Range",
          "ETag",
          "Location",
          "Preference-Applied",
          "Retry-After",
          "Vary",
          "X-Accel-Buffering");

  private static final String FORMAT =
      "%m\t%U\t%q\t%s\t%{Content-Type}o\t"
          + HEADERS.stream().map(header -> "%{" + header + "}o").collect(Collectors.joining("\t"));

  private SeenAnswers() {}

  /** Where this build's answers are noted; empty outside of one. */
  static Optional<Path> directory() {
    return Optional.ofNullable(System.getProperty("buildonce.test.seen"))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }

  /** Has a service that is started with this environment note what it answers. */
  static void record(Map<String, String> environment) {
    directory()
        .ifPresent(
            directory -> {
              try {
                Files.createDirectories(directory);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              environment.put("SERVER_JETTY_ACCESSLOG_ENABLED", "true");
              environment.put(
                  "SERVER_JETTY_ACCESSLOG_FILENAME",
                  directory.resolve(UUID.randomUUID() + ".log").toString());
              environment.put("SERVER_JETTY_ACCESSLOG_CUSTOMFORMAT", FORMAT);
            });
  }

  /**
   * One answer.
   *
   * @param type without parameters, empty if there is none
   * @param query the names in it
   * @param headers those of {@link #HEADERS} that it had, by name
   */
  record Seen(
      String method,
      String path,
      Set<String> query,
      int status,
      String type,
      Map<String, String> headers) {

    /** The method that the contract names: HEAD is answered like GET. */
    String asked() {
      return method.equals("HEAD") ? "GET" : method;
    }
  }

  /** All of them; those that were cut off by a kill are left out. */
  static List<Seen> read(Path directory) {
    List<Seen> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        // Jetty cannot log what is no request line; such a line may have any byte.
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n")) {
          String[] parts = line.split("\t", -1);
          if (parts.length == 5 + HEADERS.size() && parts[3].matches("[1-5][0-9][0-9]")) {
            all.add(seen(parts));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static Seen seen(String[] parts) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < HEADERS.size(); i++) {
      if (!parts[5 + i].equals("-")) {
        headers.put(HEADERS.get(i), parts[5 + i]);
      }
    }
    String type = parts[4].equals("-") ? "" : parts[4].replaceAll(";.*", "").strip();
    return new Seen(parts[0], parts[1], names(parts[2]), Integer.parseInt(parts[3]), type, headers);
  }

  private static Set<String> names(String query) {
    Set<String> names = new TreeSet<>();
    for (String pair : query.replaceFirst("^\\?", "").split("&")) {
      String name = pair.replaceFirst("=.*", "");
      if (!name.isEmpty() && !name.equals("-")) {
        try {
          names.add(URLDecoder.decode(name, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
          names.add(name);
        }
      }
    }
    return names;
  }
}
