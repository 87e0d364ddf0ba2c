package dev.buildonce.runners;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of all runners.
 *
 * @param leaseTerm how long a service may stay silent before its builds are ended, and tried again
 *     elsewhere
 */
@ConfigurationProperties("buildonce")
record RunnersProperties(@DefaultValue("30s") Duration leaseTerm) {}
