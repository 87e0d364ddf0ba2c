package dev.buildonce.contract;

import dev.buildonce.problems.Query;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.util.DigestUtils;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.json.JsonMapper;

/** {@code GET /v3/api-docs}: the contract as OpenAPI 3.1, in JSON or as it is kept, in YAML. */
@RestController
final class ContractController {
  private static final List<MediaType> OFFERED =
      List.of(MediaType.APPLICATION_JSON, MediaType.APPLICATION_YAML);

  private final Document json;
  private final Document yaml;

  ContractController(JsonMapper mapper) throws IOException {
    byte[] kept = new ClassPathResource("contract/openapi.yaml").getContentAsByteArray();
    // Jackson leaves the anchors unresolved that the file saves repetitions with.
    Object document =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(new ByteArrayInputStream(kept));
    this.json = new Document(MediaType.APPLICATION_JSON, mapper.writeValueAsBytes(document));
    this.yaml = new Document(MediaType.APPLICATION_YAML, kept);
  }

  @GetMapping("/v3/api-docs")
  ResponseEntity<byte[]> document(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    Query.of(request).allow();
    Document document = MediaType.APPLICATION_YAML.equals(preferred(request)) ? yaml : json;
    return ResponseEntity.ok()
        .contentType(document.type)
        .cacheControl(CacheControl.noCache())
        .eTag(document.etag)
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .body(document.bytes);
  }

  /** What the most specific range that fits asks for; JSON if it does not matter. */
  private static MediaType preferred(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    List<MediaType> accepted = new ArrayList<>();
    try {
      for (String header : Collections.list(request.getHeaders(HttpHeaders.ACCEPT))) {
        accepted.addAll(MediaType.parseMediaTypes(header));
      }
    } catch (InvalidMediaTypeException e) {
      throw new HttpMediaTypeNotAcceptableException("The Accept header cannot be read");
    }
    if (accepted.isEmpty()) {
      return MediaType.APPLICATION_JSON;
    }
    MimeTypeUtils.sortBySpecificity(accepted);
    for (MediaType range : accepted) {
      for (MediaType offered : OFFERED) {
        if (range.getQualityValue() > 0 && range.includes(offered)) {
          return offered;
        }
      }
    }
    throw new HttpMediaTypeNotAcceptableException(OFFERED);
  }

  private record Document(MediaType type, byte[] bytes, String etag) {
    Document(MediaType type, byte[] bytes) {
      this(type, bytes, '"' + DigestUtils.md5DigestAsHex(bytes) + '"');
    }
  }
}
