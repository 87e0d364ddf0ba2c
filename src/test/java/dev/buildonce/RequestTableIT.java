package dev.buildonce;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RequestTableIT {

  static Stream<RequestTable.Row> rows() {
    return RequestTable.rows();
  }

  @ParameterizedTest
  @MethodSource("rows")
  void serviceAnswersAsTheTableSays(RequestTable.Row row) throws IOException {
    row.check(ServiceProcess.shared().port());
  }
}
