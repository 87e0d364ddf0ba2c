package dev.buildonce.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Client;
import dev.buildonce.Client.Reply;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks of a running service for builds of its test builders, and what came of them. */
final class RealBuilds {
  private final Client client;

  RealBuilds(String url) {
    this.client = new Client(url);
  }

  /** A home with these builder files, {@code NAME} to YAML. */
  static Path home(Map<String, String> builders) {
    try {
      Path home = Files.createTempDirectory("buildonce-").toRealPath();
      Path directory = Files.createDirectory(home.resolve("builders"));
      for (var builder : builders.entrySet()) {
        Files.writeString(directory.resolve(builder.getKey() + ".yaml"), builder.getValue());
      }
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A builder that runs a script as {@code shell} does, with more lines of YAML. */
  static String script(String more) {
    return "command: [sh, -euc, \"{script}\"]\nparams: { script: {} }\n" + more;
  }

  Client client() {
    return client;
  }

  /** Asks; {@code query} begins with a question mark or is empty. */
  Reply ask(String key, String query, String builder, Map<String, String> params) {
    return ask(key, query, builder, params, Map.of());
  }

  /** Asks with further fields and {@code Accept}. */
  Reply ask(
      String key,
      String query,
      String builder,
      Map<String, String> params,
      Map<String, Object> fields) {
    return Client.patiently(() -> Client.send(request(key + query, builder, params, fields)));
  }

  /** Asks, and takes what comes: a refusal for the moment, too. */
  Reply askOnce(String key, String builder, String script) {
    return Client.send(request(key, builder, Map.of("script", script), Map.of()));
  }

  /** Asks, and follows the answer. */
  Streamed stream(String key, String builder, String script, String accept) {
    return new Streamed(request(key, builder, Map.of("script", script), Map.of("Accept", accept)));
  }

  private HttpRequest.Builder request(
      String keyAndQuery, String builder, Map<String, String> params, Map<String, Object> fields) {
    Map<String, Object> body = new TreeMap<>(fields);
    body.put("builder", builder);
    body.put("params", params);
    Object accept = body.remove("Accept");
    String json = JsonMapper.shared().writeValueAsString(body);
    return client
        .request(
            "/builds/" + keyAndQuery,
            "Content-Type",
            "application/json",
            "Accept",
            accept == null ? "application/json" : accept.toString())
        .POST(HttpRequest.BodyPublishers.ofString(json));
  }

  /** Asks for a script that is to run, and does not wait for it. */
  void start(String key, String builder, String script) {
    Reply reply = ask(key, "", builder, Map.of("script", script));
    assertThat(reply.status()).as(reply.text()).isEqualTo(202);
  }

  /** Runs a script to the end of its chain and returns the attempt that ended it. */
  JsonNode run(String key, String builder, String script) {
    return attempt(ask(key, "?wait=60", builder, Map.of("script", script)));
  }

  /** The attempt in a document of a build or in a problem about one. */
  static JsonNode attempt(Reply reply) {
    JsonNode json = reply.json();
    return (json.has("build") ? json.path("build") : json).path("attempt");
  }

  /** A build as it stands. */
  JsonNode look(String key) {
    return get(key).json();
  }

  /** One attempt of a build. */
  JsonNode attempt(String key, int number) {
    return get(key + "/attempts/" + number).json();
  }

  /** What a build has written by now. */
  String log(String key) {
    return get(key + "/log?follow=false").text();
  }

  /** A build once its chain has ended. */
  Reply end(String key) {
    return get(key + "?wait=60");
  }

  private Reply get(String path) {
    return Client.patiently(() -> client.get("/builds/" + path));
  }

  static String status(JsonNode attempt) {
    return attempt.path("status").asString();
  }

  static String failure(JsonNode attempt) {
    return attempt.path("failure").asString();
  }
}
