package dev.buildonce.access;

import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;

/** Names and addresses as they stand in a Host header. */
final class Hosts {

  private static final Pattern PORT = Pattern.compile(":[0-9]*$");
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}");
  private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-f:.]+(?:%25[^\\]]+)?\\]");

  private Hosts() {}

  /** The name without port and trailing dot, in lower case. */
  static String normalized(String host) {
    var name = PORT.matcher(host.strip()).replaceFirst("").toLowerCase(Locale.ROOT);
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  /** Whether a normalized name always means this machine. */
  static boolean isLoopbackName(String host) {
    return host.equals("localhost") || host.endsWith(".localhost");
  }

  /**
   * Whether a normalized name is an address. No foreign site can make a browser send one: the trick
   * of letting its own name point here needs a name.
   */
  static boolean isAddress(String host) {
    return IPV4.matcher(host).matches() || IPV6.matcher(host).matches();
  }

  /** The address as people write it: without a zone, and IPv4 that came over IPv6 as IPv4. */
  static String written(String address) {
    try {
      var literal = InetAddress.ofLiteral(address.replaceAll("%.*", ""));
      return literal.isLoopbackAddress() && literal.getAddress().length > 4
          ? "::1"
          : literal.getHostAddress();
    } catch (IllegalArgumentException _) {
      return address;
    }
  }
}
