package dev.buildonce.builders;

/**
 * A directory that is kept between the builds of a pool, used by one of them at a time.
 *
 * @param name which, among those of the pool
 * @param path where it appears, relative to the build's HOME, normalized
 */
public record CacheDirectory(String name, String path) {}
