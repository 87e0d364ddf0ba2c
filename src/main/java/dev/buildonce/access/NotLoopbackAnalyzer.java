package dev.buildonce.access;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows the refusal to start as one line instead of a stack trace. */
final class NotLoopbackAnalyzer extends AbstractFailureAnalyzer<NotLoopback> {

  @Override
  protected FailureAnalysis analyze(Throwable root, NotLoopback refusal) {
    return new FailureAnalysis(refusal.getMessage(), null, refusal);
  }
}
