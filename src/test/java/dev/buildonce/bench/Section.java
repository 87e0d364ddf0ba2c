package dev.buildonce.bench;

import dev.buildonce.Client;
import dev.buildonce.ServiceProcess;
import java.util.Arrays;

/** A part of the benchmark that can be run without the others. */
abstract class Section {
  final Subject subject;
  final Table table;
  final boolean quick;
  final ServiceProcess service;
  final Client client;

  Section(Subject subject, Table table) {
    this.subject = subject;
    this.table = table;
    this.quick = subject.quick();
    this.service = subject.service();
    this.client = subject.client();
  }

  /** Measures, and adds what it found to the table. */
  abstract void run() throws Exception;

  static double since(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
