package dev.buildonce.builds;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits on those who wait, and on what is kept to answer them.
 *
 * @param maxWait the longest that an ask is held for its end
 * @param maxWaiting how many asks are held at a time
 * @param hitMemory how much memory outcomes may take that answer asks without being read again, at
 *     most an eighth of the heap; 0 for none
 */
@ConfigurationProperties("buildonce")
public record BuildProperties(
    @DefaultValue("10m") Duration maxWait,
    @DefaultValue("20000") int maxWaiting,
    @DefaultValue("64MB") DataSize hitMemory) {}
