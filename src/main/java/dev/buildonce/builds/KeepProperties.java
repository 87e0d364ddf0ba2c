package dev.buildonce.builds;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What is kept, and for how long.
 *
 * @param attempts how many of a key's attempts are kept with their logs: the newest, and the one
 *     whose outcome stands
 * @param unused how long a key is kept that nobody asks for
 * @param logBytes what all logs together may take in the database, compressed; the least recently
 *     used go first, their attempts and outcomes stay
 * @param changes how long published changes can be read again
 */
@Validated
@ConfigurationProperties("buildonce.keep")
record KeepProperties(
    @DefaultValue("20") @Min(1) int attempts,
    @DefaultValue("180d") Duration unused,
    @DefaultValue("50GB") DataSize logBytes,
    @DefaultValue("30d") Duration changes) {

  KeepProperties {
    if (unused.isNegative() || changes.isNegative() || logBytes.isNegative()) {
      throw new IllegalArgumentException("buildonce.keep takes nothing below 0");
    }
  }
}
