package dev.buildonce.builds;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Limits on those who wait.
 *
 * @param maxWait the longest that an ask is held for its end
 * @param maxWaiting how many asks are held at a time
 */
@ConfigurationProperties("buildonce")
public record BuildProperties(
    @DefaultValue("10m") Duration maxWait, @DefaultValue("20000") int maxWaiting) {}
