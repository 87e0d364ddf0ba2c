package dev.buildonce.builds.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /bench/constant}: always the same answer, the way of an ask without what an ask is
 * about. The benchmark holds hits against it. It exists only where it is wanted, {@code
 * buildonce.bench=true}, and only on loopback.
 */
@RestController
@Conditional(ConstantController.Wanted.class)
class ConstantController {
  private static final byte[] ANSWER = "{}".getBytes(StandardCharsets.US_ASCII);

  @PostMapping("/bench/constant")
  ResponseEntity<byte[]> answer(HttpServletRequest request) throws IOException {
    request.getInputStream().readAllBytes();
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .body(ANSWER);
  }

  static final class Wanted implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      var settings = Binder.get(context.getEnvironment());
      var address = settings.bind("server.address", InetAddress.class).orElse(null);
      return settings.bind("buildonce.bench", Boolean.class).orElse(false)
          && address != null
          && address.isLoopbackAddress();
    }
  }
}
