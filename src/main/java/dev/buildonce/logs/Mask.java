package dev.buildonce.logs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The secrets that a log must not show. Each occurrence in the bytes becomes {@code ***}, wherever
 * it is split over writes or lines; occurrences that overlap become one {@code ***} together.
 *
 * <p>Secrets shorter than {@value #SHORTEST} bytes are not masked: a value like {@code 1} or {@code
 * yes} is everywhere, so masking it would ruin the log and tell the value by its gaps. White space
 * behind a secret, such as the line end of a file, does not count as part of it.
 */
public final class Mask {

  /** The shortest secret that is masked, in bytes. */
  public static final int SHORTEST = 4;

  private static final Mask NONE = new Mask(List.of());

  /*
   * A trie of the secrets with failure links (Aho-Corasick). A node has few children, mostly one, so
   * they are a linked list in arrays: some 20 bytes per byte of a secret, not a table of 1 KiB.
   */
  private int[] firstChild = new int[16];
  private int[] sibling = new int[16];
  private int[] failure = new int[16];
  private int[] depth = new int[16];
  private int[] longest = new int[16];
  private byte[] label = new byte[16];
  private int nodes = 1;
  private final boolean[] begins = new boolean[256];

  private Mask(Collection<byte[]> secrets) {
    secrets.forEach(this::add);
    link();
  }

  /** Masks nothing. */
  public static Mask none() {
    return NONE;
  }

  /** Masks these values, as the bytes that they are in UTF-8. */
  public static Mask of(Collection<String> secrets) {
    var bytes = new ArrayList<byte[]>();
    for (String secret : secrets) {
      byte[] value = secret.stripTrailing().getBytes(StandardCharsets.UTF_8);
      if (value.length >= SHORTEST) {
        bytes.add(value);
      }
    }
    return bytes.isEmpty() ? NONE : new Mask(bytes);
  }

  /** A text with each occurrence masked. */
  public String cover(String text) {
    var stream = new MaskStream(this);
    var masked = new Bytes();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    stream.feed(bytes, 0, bytes.length, masked);
    stream.finish(masked);
    return new String(masked.takeAll(), StandardCharsets.UTF_8);
  }

  /** Whether any of the secrets occurs in these bytes. */
  public boolean occursIn(byte[] bytes) {
    int node = 0;
    for (byte next : bytes) {
      node = step(node, next);
      if (longest(node) > 0) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return nodes == 1;
  }

  /** Whether an occurrence may begin with this byte. */
  boolean begins(byte next) {
    return begins[next & 0xff];
  }

  /** The node for the longest end of what was read that some secret begins with. */
  int step(int node, byte next) {
    int at = node;
    while (true) {
      int child = child(at, next);
      if (child != 0) {
        return child;
      }
      if (at == 0) {
        return 0;
      }
      at = failure[at];
    }
  }

  /** How many bytes of a secret have been read at a node. */
  int depth(int node) {
    return depth[node];
  }

  /** The length of the longest secret that ends at a node; 0 if none does. */
  int longest(int node) {
    return longest[node];
  }

  private int child(int node, byte next) {
    int child = firstChild[node];
    while (child != 0 && label[child] != next) {
      child = sibling[child];
    }
    return child;
  }

  private void add(byte[] secret) {
    begins[secret[0] & 0xff] = true;
    int node = 0;
    for (byte next : secret) {
      int child = child(node, next);
      node = child == 0 ? grow(node, next) : child;
    }
    longest[node] = secret.length;
  }

  private int grow(int parent, byte next) {
    if (nodes == label.length) {
      int size = 2 * nodes;
      firstChild = Arrays.copyOf(firstChild, size);
      sibling = Arrays.copyOf(sibling, size);
      failure = Arrays.copyOf(failure, size);
      depth = Arrays.copyOf(depth, size);
      longest = Arrays.copyOf(longest, size);
      label = Arrays.copyOf(label, size);
    }
    int node = nodes++;
    label[node] = next;
    depth[node] = depth[parent] + 1;
    sibling[node] = firstChild[parent];
    firstChild[parent] = node;
    return node;
  }

  private void link() {
    int[] queue = new int[nodes];
    int tail = 0;
    for (int head = -1; head < tail; head++) {
      int node = head < 0 ? 0 : queue[head];
      for (int child = firstChild[node]; child != 0; child = sibling[child]) {
        queue[tail++] = child;
        failure[child] = node == 0 ? 0 : step(failure[node], label[child]);
        longest[child] = Math.max(longest[child], longest[failure[child]]);
      }
    }
  }
}
