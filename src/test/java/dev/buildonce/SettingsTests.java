package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** Every setting of ours has its default, is bound, is described, and stands in the README. */
class SettingsTests {
  private static final Path METADATA =
      Path.of("target/classes/META-INF/spring-configuration-metadata.json");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`buildonce\\.[^|]*) \\|");
  private static final Pattern NAME = Pattern.compile("`([^`]*)`");

  /** A key, what it is where nobody says anything, and what it is when somebody says something. */
  private record Setting(String key, @Nullable Object byDefault, String said, Object bound) {}

  private static final List<Setting> ALL =
      List.of(
          new Setting("buildonce.access", "LOCAL", "open", "OPEN"),
          new Setting("buildonce.builders-dir", "builders", "/b", "/b"),
          new Setting("buildonce.database.asks-connections", 16, "3", 3),
          new Setting("buildonce.database.binaries-dir", null, "/pg", "/pg"),
          new Setting("buildonce.database.start-wait", seconds(30), "5s", seconds(5)),
          new Setting("buildonce.database.work-connections", 16, "4", 4),
          new Setting("buildonce.default-builder", "shell", "git", "git"),
          new Setting("buildonce.home", null, "/h", "/h"),
          new Setting("buildonce.hosts", List.of(), "a.test,b.test", List.of("a.test", "b.test")),
          new Setting("buildonce.keep.attempts", 20, "3", 3),
          new Setting("buildonce.keep.changes", Duration.ofDays(30), "1h", Duration.ofHours(1)),
          new Setting("buildonce.keep.free-disk", "5%", "2048B", "2048B"),
          new Setting(
              "buildonce.keep.log-bytes", DataSize.ofGigabytes(50), "1GB", DataSize.ofGigabytes(1)),
          new Setting("buildonce.keep.trends", Duration.ofDays(90), "30d", Duration.ofDays(30)),
          new Setting("buildonce.keep.unused", Duration.ofDays(180), "7d", Duration.ofDays(7)),
          new Setting(
              "buildonce.hit-memory", DataSize.ofMegabytes(64), "2MB", DataSize.ofMegabytes(2)),
          new Setting("buildonce.lease-term", seconds(30), "45s", seconds(45)),
          new Setting(
              "buildonce.logs.recent-bytes",
              DataSize.ofMegabytes(64),
              "1MB",
              DataSize.ofMegabytes(1)),
          new Setting("buildonce.max-connections", 50_000, "70", 70),
          new Setting("buildonce.max-wait", Duration.ofMinutes(10), "1s", seconds(1)),
          new Setting("buildonce.max-waiting", 20_000, "7", 7),
          // There is no other yet.
          new Setting("buildonce.pools.local.backend", "local", "local", "local"),
          new Setting("buildonce.pools.local.max", 4, "9", 9),
          new Setting("buildonce.pools.local.max-concurrency", 1, "2", 2),
          new Setting("buildonce.pools.local.max-queued", 10_000, "8", 8),
          new Setting(
              "buildonce.pools.local.queue-timeout", Duration.ofHours(1), "2m", seconds(120)),
          new Setting("buildonce.pools.local.shutdown-timeout", seconds(30), "6s", seconds(6)),
          new Setting(
              "buildonce.public-url",
              null,
              "https://ci.example.com",
              URI.create("https://ci.example.com")),
          new Setting("buildonce.viewers.heartbeat", seconds(12), "2s", seconds(2)),
          new Setting("buildonce.viewers.max", 20_000, "10", 10),
          new Setting("buildonce.viewers.sign-of-life", seconds(30), "3s", seconds(3)));

  @Test
  void nothingSaidIsTheDefaults() {
    Map<String, @Nullable Object> defaults = new TreeMap<>();
    ALL.forEach(setting -> defaults.put(setting.key(), setting.byDefault()));

    assertThat(bound(Map.of())).isEqualTo(defaults);
  }

  @Test
  void everySettingIsBound() {
    Map<String, String> said = new TreeMap<>();
    Map<String, @Nullable Object> expected = new TreeMap<>();
    for (Setting setting : ALL) {
      said.put(setting.key(), setting.said());
      expected.put(setting.key(), setting.bound());
    }

    assertThat(bound(said)).isEqualTo(expected);
  }

  @Test
  void everySettingHasADescription() throws IOException {
    Map<String, String> descriptions = new TreeMap<>();
    JsonMapper.shared()
        .readTree(Files.readAllBytes(METADATA))
        .path("properties")
        .forEach(
            property ->
                descriptions.put(
                    property.path("name").asString(), property.path("description").asString("")));

    assertThat(descriptions.keySet()).isEqualTo(keys());
    assertThat(descriptions)
        .allSatisfy((key, text) -> assertThat(text).as(key).isNotBlank().doesNotContain("{@"));
  }

  @Test
  void readmeHasEverySettingAndNoOther() throws IOException {
    var told = new TreeSet<String>();
    ROW.matcher(Files.readString(Path.of("README.md")))
        .results()
        .forEach(
            row -> {
              List<String> names =
                  NAME.matcher(row.group(1)).results().map(name -> name.group(1)).toList();
              String first = names.getFirst();
              String group = first.substring(0, first.lastIndexOf('.'));
              names.forEach(name -> told.add(name.startsWith(".") ? group + name : name));
            });

    assertThat(told).isEqualTo(keys());
  }

  private static TreeSet<String> keys() {
    var keys = new TreeSet<String>();
    ALL.forEach(setting -> keys.add(setting.key()));
    return keys;
  }

  /** What our records of settings make of what was said, by key. */
  private static Map<String, @Nullable Object> bound(Map<String, String> said) {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    var binder = new Binder(new MapConfigurationPropertySource(said));
    Map<String, @Nullable Object> bound = new TreeMap<>();
    scanner.findCandidateComponents("dev.buildonce").stream()
        .map(candidate -> type(candidate.getBeanClassName()))
        .forEach(
            type -> {
              String prefix = type.getAnnotation(ConfigurationProperties.class).value();
              Object settings = binder.bindOrCreate(prefix, type);
              Arrays.stream(type.getRecordComponents())
                  .forEach(
                      part ->
                          bound.put(
                              prefix + "." + DataObjectPropertyName.toDashedForm(part.getName()),
                              value(settings, part)));
            });
    return bound;
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  /** What only its own module knows is compared as it is written. */
  private static @Nullable Object value(Object settings, RecordComponent part) {
    try {
      var accessor = part.getAccessor();
      accessor.setAccessible(true);
      Object value = accessor.invoke(settings);
      return part.getType().getName().startsWith("dev.") ? value.toString() : value;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Duration seconds(int seconds) {
    return Duration.ofSeconds(seconds);
  }
}
