package dev.buildonce.viewer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * The files that pages need, read once. They share a folder that is named by a digest of them all,
 * so that modules find each other by plain names and a browser may keep them for good.
 */
@Component
final class Assets {

  private static final String FOLDER = "classpath:/viewer/assets/";

  private static final Map<String, MediaType> TYPES =
      Map.of(
          "css", MediaType.valueOf("text/css;charset=utf-8"),
          "js", MediaType.valueOf("text/javascript;charset=utf-8"),
          "svg", MediaType.valueOf("image/svg+xml"));

  private final Map<String, Asset> files;
  private final String digest;

  /** A file as it is sent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
  record Asset(MediaType type, byte[] bytes) {}

  Assets() throws IOException {
    files = new TreeMap<>();
    for (var file : new PathMatchingResourcePatternResolver().getResources(FOLDER + "*.*")) {
      String name = Objects.requireNonNull(file.getFilename());
      MediaType type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      if (type != null) {
        files.put(name, new Asset(type, file.getContentAsByteArray()));
      }
    }
    digest = digest(files);
  }

  /** The path of the folder, without a slash at its end. */
  String folder() {
    return "/assets/" + digest;
  }

  /** A file of ours, null if there is none of that name or it was meant as it was or will be. */
  @Nullable Asset find(String digest, String name) {
    return digest.equals(this.digest) ? files.get(name) : null;
  }

  private static String digest(Map<String, Asset> files) {
    try {
      var sha = MessageDigest.getInstance("SHA-256");
      files.forEach(
          (name, asset) -> {
            sha.update((name + ":" + asset.bytes().length + ":").getBytes(StandardCharsets.UTF_8));
            sha.update(asset.bytes());
          });
      return HexFormat.of().formatHex(sha.digest(), 0, 10);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
