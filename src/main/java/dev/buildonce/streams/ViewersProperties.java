package dev.buildonce.streams;

import jakarta.validation.constraints.Positive;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of those who read streams.
 *
 * @param max how many streams of logs and events one replica has open at a time, a memory bound
 * @param heartbeat after how much silence a stream of events gets a comment, at most 15 s
 * @param signOfLife after how much silence the text of an ask gets a line
 */
@Validated
@ConfigurationProperties("buildonce.viewers")
public record ViewersProperties(
    @DefaultValue("20000") @Positive int max,
    @DefaultValue("12s") Duration heartbeat,
    @DefaultValue("30s") Duration signOfLife) {

  private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(15);

  /** Refuses a heartbeat that promises too little. */
  public ViewersProperties {
    if (heartbeat.compareTo(LONGEST_HEARTBEAT) > 0) {
      throw new IllegalArgumentException("buildonce.viewers.heartbeat is at most 15s");
    }
  }
}
