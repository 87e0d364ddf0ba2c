package dev.buildonce.database;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is left free of the disk.
 *
 * @param freeDisk how much of the disk that the home is on stays free, such as 5% or 2GB: below
 *     that nothing new is started. That of a database elsewhere cannot be seen from here
 */
@ConfigurationProperties("buildonce.keep")
record DiskProperties(@DefaultValue("5%") DiskFloor freeDisk) {}
