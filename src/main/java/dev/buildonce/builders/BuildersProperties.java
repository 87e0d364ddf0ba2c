package dev.buildonce.builders;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where builders come from.
 *
 * @param buildersDir directory with one file per builder, NAME.yaml, read again when one changes;
 *     it need not exist
 * @param defaultBuilder the builder of an ask that names none
 */
@ConfigurationProperties("buildonce")
record BuildersProperties(
    @DefaultValue("builders") String buildersDir, @DefaultValue("shell") String defaultBuilder) {}
