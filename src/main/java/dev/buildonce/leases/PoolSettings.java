package dev.buildonce.leases;

import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * What is configured of each pool, for those who need a part of it. Binding a map would leave out a
 * pool that only says something of another part.
 */
public final class PoolSettings {
  private static final String PREFIX = "buildonce.pools";

  private PoolSettings() {}

  /**
   * One part of each configured pool, with its defaults where the pool says nothing of it.
   *
   * @param part a record of settings
   */
  public static <T> Map<String, T> of(Environment environment, Class<T> part) {
    Binder binder = Binder.get(environment);
    Map<String, T> pools = new TreeMap<>();
    binder
        .bind(PREFIX, Bindable.mapOf(String.class, Object.class))
        .orElse(Map.of())
        .keySet()
        .forEach(name -> pools.put(name, binder.bindOrCreate(key(name), Bindable.of(part), null)));
    return pools;
  }

  private static ConfigurationPropertyName key(String pool) {
    return ConfigurationPropertyName.of(PREFIX).append("[" + pool + "]");
  }
}
