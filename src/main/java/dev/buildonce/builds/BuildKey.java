package dev.buildonce.builds;

import java.util.regex.Pattern;

/**
 * What a caller names one set of inputs by.
 *
 * @param value 1 to 255 characters of {@code A-Z a-z 0-9 . _ : @ + = ~ -}, the first a letter or
 *     digit
 * @throws InvalidKey if it is anything else
 */
public record BuildKey(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@+=~-]{0,254}");

  public BuildKey {
    if (!FORM.matcher(value).matches()) {
      throw new InvalidKey(value);
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
