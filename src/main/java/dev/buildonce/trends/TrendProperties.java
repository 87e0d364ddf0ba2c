package dev.buildonce.trends;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long it is known what happened by the hour.
 *
 * @param trends how long the counts of an hour are kept
 */
@ConfigurationProperties("buildonce.keep")
record TrendProperties(@DefaultValue("90d") Duration trends) {

  TrendProperties {
    if (trends.isNegative()) {
      throw new IllegalArgumentException("buildonce.keep takes nothing below 0");
    }
  }
}
