package dev.batchwright.simulator.bill;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.SplittableRandom;

class BillTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private final Bill bill = new Bill();

    private static RequestHash request(int i) {
        return RequestHash.of("request " + i);
    }

    @Test
    void it_tells_executions_spoiled_runs_and_attempts_apart() {
        assertThat(bill.attempted(request(1))).isEqualTo(1);
        bill.spoiled(request(1), "half", 3, 4);
        assertThat(bill.attempted(request(1))).isEqualTo(2);
        bill.abandoned(request(1), 3, 4);
        assertThat(bill.attempted(request(1))).isEqualTo(3);
        bill.executed(request(1), 3, 4);
        bill.attempted(request(2));
        bill.refused("429 requests");

        assertThat(bill.count(request(1))).isEqualTo(new RequestCount(3, 1, 2));
        assertThat(bill.count(request(2))).isEqualTo(new RequestCount(1, 0, 0));
        assertThat(bill.count(request(3))).isEqualTo(new RequestCount(0, 0, 0));
        assertThat(bill.histogram()).isEqualTo(Map.of(0, 1L, 1, 1L));
        assertThat(bill.executed()).isEqualTo(1);
        assertThat(bill.spoiled()).isEqualTo(1);
        assertThat(bill.abandoned()).isEqualTo(1);
        assertThat(bill.refusedAs("429 requests")).isEqualTo(1);
        assertThat(bill.promptTokens()).isEqualTo(9);
        assertThat(bill.completionTokens()).isEqualTo(12);
    }

    @Test
    void it_shows_what_was_executed_twice() {
        for (int i = 0; i < 3; i++) {
            bill.attempted(request(i));
            bill.executed(request(i), 1, 1);
        }
        assertThat(bill.executedTwice()).isZero();
        bill.attempted(request(1));
        bill.executed(request(1), 1, 1);
        assertThat(bill.executedTwice()).isEqualTo(1);
        assertThat(new String(BillReport.of(bill, Duration.ofSeconds(1)), UTF_8))
                .contains("\"executions\":{\"1\":2,\"2\":1}")
                .contains("[{\"request\":\"" + request(1).hex(16) + "\",\"attempts\":2");
    }

    @Test
    void a_million_requests_fit_and_none_is_confused_with_another() {
        var random = new SplittableRandom(1);
        var ids = new long[1_000_000];
        var table = new ExecutionTable();
        for (int i = 0; i < ids.length; i++) {
            ids[i] = random.nextLong();
            table.attempted(ids[i]);
            table.executed(ids[i]);
        }
        assertThat(table.size()).isEqualTo(ids.length);
        for (long id : ids) {
            if (!table.count(id).equals(new RequestCount(1, 1, 0))) {
                throw new AssertionError(id + ": " + table.count(id));
            }
        }
    }

    @Test
    void it_counts_the_most_arrivals_in_any_span_and_errs_upwards_only() {
        for (int i = 0; i < 100; i++) {
            bill.accepted(START.plusMillis(50L * i)); // twenty a second
        }
        assertThat(bill.maxIn(Duration.ofSeconds(1))).isBetween(20L, 22L);
        assertThat(bill.maxIn(Duration.ofSeconds(10))).isEqualTo(100);
        assertThat(bill.acceptances().perSecond(3)).containsExactly(20, 20, 20);
    }

    @Test
    void reset_forgets_all_but_what_is_in_flight() {
        bill.arrived(START);
        bill.accepted(START);
        bill.attempted(request(1));
        bill.reset();
        bill.executed(request(1), 1, 1);
        assertThat(bill.arrived()).isZero();
        assertThat(bill.distinct()).isZero();
        assertThat(bill.running()).isEqualTo(1);
        assertThat(bill.maxIn(Duration.ofSeconds(1))).isZero();
    }
}
