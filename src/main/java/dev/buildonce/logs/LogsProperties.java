package dev.buildonce.logs;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of logs.
 *
 * @param recentBytes how much of the watched logs is kept in memory, all of them together
 */
@ConfigurationProperties("buildonce.logs")
record LogsProperties(@DefaultValue("64MB") DataSize recentBytes) {}
