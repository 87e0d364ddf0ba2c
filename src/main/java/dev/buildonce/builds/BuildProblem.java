package dev.buildonce.builds;

import dev.buildonce.problems.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** A refusal about a build that exists; the edge shows the build with it. */
public abstract class BuildProblem extends Problem {
  private final transient @Nullable Build build;

  /** As {@link Problem}, about {@code build}, or about none if it is null. */
  protected BuildProblem(
      HttpStatus status, String name, String title, String detail, @Nullable Build build) {
    super(status, name, title, detail);
    this.build = build;
  }

  /** The build that is meant, or null. */
  public final @Nullable Build build() {
    return build;
  }

  /** Shows the build as {@code document}, which Jackson can write. */
  public final void show(Object document) {
    property("build", document);
  }
}
