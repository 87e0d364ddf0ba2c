package dev.buildonce.database;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How the service uses its Postgres. Which one is Spring Boot's {@code spring.datasource.url},
 * {@code username} and {@code password}; without a URL it is the embedded one in {@code
 * buildonce.home}.
 *
 * @param asksConnections connections for HTTP requests, at most
 * @param workConnections connections for the service's own work, at most: heartbeats, logs, ends
 * @param startWait how long a start waits for a Postgres that does not answer yet
 * @param binariesDir where the embedded Postgres's programs are unpacked to; default: postgres in
 *     the home
 */
@Validated
@ConfigurationProperties("buildonce.database")
record DatabaseProperties(
    @DefaultValue("16") @Min(1) @Max(1000) int asksConnections,
    @DefaultValue("16") @Min(1) @Max(1000) int workConnections,
    @DefaultValue("30s") Duration startWait,
    @Nullable String binariesDir) {}
