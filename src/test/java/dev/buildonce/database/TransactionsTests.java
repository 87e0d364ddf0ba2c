package dev.buildonce.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildonce.TestDatabase;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class TransactionsTests {

  @AutoClose private final TestDatabase database = TestDatabase.migrated();
  private final JdbcClient jdbc = database.jdbc();
  private final Transactions transactions = database.transactions();

  @BeforeEach
  void makeTable() {
    jdbc.sql("CREATE TABLE numbers (n int)").update();
  }

  @Test
  void callWhenWorkReturnsCommits() {
    int answer =
        transactions.call(
            () -> {
              insert();
              return 42;
            });

    assertThat(answer).isEqualTo(42);
    assertThat(count()).isEqualTo(1);
  }

  @Test
  void runWhenWorkThrowsRollsBack() {
    assertThatThrownBy(
            () ->
                transactions.run(
                    () -> {
                      insert();
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");

    assertThat(count()).isZero();
  }

  @Test
  void runWhenTransactionIsOpenJoinsIt() {
    assertThatThrownBy(
            () ->
                transactions.run(
                    () -> {
                      transactions.run(this::insert);
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");

    assertThat(count()).isZero();
  }

  @Test
  void workWhenAsksTransactionIsOpenFails() {
    assertThatThrownBy(() -> transactions.run(() -> Transactions.work(this::insert)))
        .isInstanceOf(IllegalStateException.class);

    assertThat(count()).isZero();
  }

  @Test
  void workBindsTheLaneForItsExtent() {
    assertThat(Lane.current()).isEqualTo(Lane.ASKS);
    assertThat(Transactions.work(() -> Transactions.work(Lane::current))).isEqualTo(Lane.WORK);
    assertThat(Lane.current()).isEqualTo(Lane.ASKS);
  }

  private void insert() {
    jdbc.sql("INSERT INTO numbers VALUES (1)").update();
  }

  private long count() {
    return jdbc.sql("SELECT count(*) FROM numbers").query(Long.class).single();
  }
}
