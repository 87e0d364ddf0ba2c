package dev.buildonce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildonce.Contract.Operation;
import dev.buildonce.Contract.Response;
import dev.buildonce.SeenAnswers.Seen;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the contract document to what the services of all integration tests answered: nothing that
 * is not declared, and nothing declared that nobody saw. It runs after all of them, in a whole
 * build only (see the profile whole-suite). In-process tests of the web run stand-ins for most
 * controllers, so they have no say.
 */
class SeenAnswersCheck {
  /** Pages and what they are made of are for people: the document only says that there are some. */
  private static final Pattern PAGE =
      Pattern.compile("text/(html|css|javascript)|image/.*|font/.*");

  /** On every answer, in the words of the document's description. */
  private static final Set<String> EVERYWHERE =
      Set.of("Cache-Control", "Vary", "Allow", "Preference-Applied");

  private static final Contract CONTRACT = Contract.read();
  private static final List<Operation> OPERATIONS = CONTRACT.operations();
  private static List<Seen> seen;

  @BeforeAll
  static void read() {
    var directory = SeenAnswers.directory().orElseThrow();
    assertThat(directory).as("answers of integration tests").isDirectory();
    seen = SeenAnswers.read(directory);
    assertThat(seen).as("answers in " + directory).isNotEmpty();
    assertThat(Files.exists(directory)).isTrue();
  }

  @Test
  void nothingIsAnsweredThatIsNotDeclared() {
    var undeclared = new TreeSet<String>();
    for (Seen answer : seen) {
      // A 303 leads from a form of a page to a page.
      boolean page = answer.status() == 303 || PAGE.matcher(answer.type()).matches();
      // There for the benchmark alone.
      boolean bench = answer.path().startsWith("/bench/");
      // Held when its service or its connection went: nothing was sent.
      boolean unanswered = answer.status() == 503 && answer.type().isEmpty();
      if (!answer.method().equals("OPTIONS") && !page && !bench && !unanswered) {
        undeclared.addAll(undeclared(answer));
      }
    }

    assertThat(undeclared).isEmpty();
  }

  private static Set<String> undeclared(Seen answer) {
    var found = new TreeSet<String>();
    Operation operation = operation(answer).orElse(null);
    Response response = operation == null ? null : operation.responses().get(answer.status());
    if (response == null) {
      boolean common =
          CONTRACT.commonStatuses().contains(answer.status())
              && (isProblem(answer) || answer.method().equals("HEAD"));
      if (!common) {
        found.add(text(answer, operation));
      }
      return found;
    }
    boolean typed =
        answer.type().isEmpty() || answer.status() == 304
            ? response.types().isEmpty() || answer.method().equals("HEAD")
            : response.types().contains(answer.type())
                || isProblem(answer) && CONTRACT.commonStatuses().contains(answer.status());
    if (!typed) {
      found.add(text(answer, operation));
    }
    for (String header : answer.headers().keySet()) {
      // A refusal keeps what was set before it was one, which is of no use to anybody.
      boolean refused = answer.status() >= 400;
      if (!refused && !EVERYWHERE.contains(header) && !response.headers().contains(header)) {
        found.add(operation + " " + answer.status() + " has the header " + header);
      }
    }
    for (String name : answer.query()) {
      if (answer.status() < 400 && !operation.query().contains(name)) {
        found.add(operation + " takes the query " + name);
      }
    }
    return found;
  }

  @Test
  void everythingDeclaredWasSeen() {
    var missing = new TreeSet<String>();
    var common = new HashSet<>(CONTRACT.commonStatuses());
    common.removeAll(CONTRACT.unseen());
    seen.forEach(answer -> common.remove(answer.status()));
    common.forEach(status -> missing.add("any path: " + status));
    for (Operation operation : OPERATIONS) {
      List<Seen> answers =
          seen.stream().filter(answer -> operation(answer).equals(Optional.of(operation))).toList();
      for (String name : operation.query()) {
        if (answers.stream().noneMatch(answer -> answer.query().contains(name))) {
          missing.add(operation + "?" + name);
        }
      }
      operation
          .responses()
          .forEach(
              (status, response) -> {
                List<Seen> such =
                    answers.stream().filter(answer -> answer.status() == status).toList();
                if (such.isEmpty()) {
                  missing.add(operation + " " + status);
                  return;
                }
                for (String type : response.types()) {
                  if (such.stream().noneMatch(answer -> answer.type().equals(type))) {
                    missing.add(operation + " " + status + " " + type);
                  }
                }
                for (String header : response.headers()) {
                  if (such.stream().noneMatch(answer -> answer.headers().containsKey(header))) {
                    missing.add(operation + " " + status + " header " + header);
                  }
                }
              });
    }

    assertThat(missing).isEmpty();
  }

  private static boolean isProblem(Seen answer) {
    return answer.type().equals("application/problem+json");
  }

  private static String text(Seen answer, Operation operation) {
    return answer.method()
        + " "
        + (operation == null ? answer.path() : operation.path())
        + " "
        + answer.status()
        + " "
        + answer.type();
  }

  /** The operation that is meant: of several templates that fit the one with the fewest blanks. */
  private static Optional<Operation> operation(Seen answer) {
    return OPERATIONS.stream()
        .filter(operation -> operation.method().equals(answer.asked()))
        .filter(operation -> answer.path().matches(pattern(operation.path())))
        .min(Comparator.comparingInt(operation -> operation.path().split("\\{").length));
  }

  private static String pattern(String template) {
    return template.replace(".", "\\.").replaceAll("\\{[a-z]+}", "[^/]+");
  }
}
