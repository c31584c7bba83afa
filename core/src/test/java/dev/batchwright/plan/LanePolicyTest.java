package dev.batchwright.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.provider.BatchOffer;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

class LanePolicyTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final BatchOffer OFFERED =
            new BatchOffer.Offered(
                    50_000,
                    200_000_000,
                    true,
                    true,
                    false,
                    OptionalLong.empty(),
                    100,
                    Duration.ofHours(24),
                    Duration.ofMinutes(5));
    private static final BatchOffer NOT_OFFERED = new BatchOffer.NotOffered("it has none");

    /** 10,000 requests that cost ten dollars live. */
    private static LanePolicy.Group group(BatchOffer offer) {
        return new LanePolicy.Group("p", offer, 10_000, usd("10"), usd("5"));
    }

    private static Optional<Cost> usd(String amount) {
        return Optional.of(Cost.ofUsd(new BigDecimal(amount)));
    }

    private static String said(LanePolicy.Choice choice) {
        return switch (choice) {
            case LanePolicy.Choice.Take(Lane lane, String reason) -> lane.toString();
            case LanePolicy.Choice.Share(long live, String reason) -> live + " LIVE";
            case LanePolicy.Choice.Refuse(String problem) -> "REFUSE";
        };
    }

    @Nested
    class Without_a_deadline {
        @ParameterizedTest
        @CsvSource({
            // requests, live and batch price or none, lane
            "10, 1.00, 0.50, BATCH",
            "10, 0.08, 0.04, LIVE",
            "10, 0.10, 0.05, BATCH",
            "100000, 1.00, , LIVE",
            "999, , , LIVE",
            "1000, , , BATCH",
        })
        void a_batch_must_be_worth_the_wait(long requests, String live, String batch, Lane lane) {
            var group =
                    new LanePolicy.Group(
                            "p",
                            OFFERED,
                            requests,
                            Optional.ofNullable(live).flatMap(LanePolicyTest::usd),
                            Optional.ofNullable(batch).flatMap(LanePolicyTest::usd));

            assertThat(said(LanePolicy.STANDARD.choose(Mode.AUTO, group, Optional.empty())))
                    .isEqualTo(lane.toString());
        }

        @ParameterizedTest
        @CsvSource({"AUTO, LIVE", "LIVE, LIVE", "BATCH, REFUSE"})
        void where_no_batch_is_offered_it_is_live_or_nothing(Mode mode, String expected) {
            assertThat(said(LanePolicy.STANDARD.choose(mode, group(NOT_OFFERED), Optional.empty())))
                    .isEqualTo(expected);
        }
    }

    /** The job began an hour before; all times in minutes. */
    @Nested
    class Before_a_deadline {
        @ParameterizedTest
        @CsvSource({
            // until it, live lane for its own and for these, expected
            "240,   0,  60, BATCH", // an hour and a half and ten minutes leave over two hours
            "115,   0,  60, BATCH", // exactly the shortest batch
            "114,   0,  60, LIVE", // too little for a batch, enough for all live
            " 60,   0,  60, LIVE", // just enough
            " 60,   0, 120, 5000 LIVE", // half of it can be done, the rest may be
            " 60,   0, 600, 1000 LIVE",
            " 60,  30,  60, 5000 LIVE", // what is live already comes first
            " 60,  60,  60, BATCH", // nothing can be added to the live lane
            " 60,  90,  60, BATCH",
            " 14,   0,  60, LIVE", // no time for any batch: as far as it gets
            " -1,   0,  60, LIVE",
        })
        void the_live_lane_gets_what_it_can_do_where_it_cannot_do_all(
                long left, long own, long these, String expected) {
            var timetable =
                    new Timetable(
                            NOW.minus(Duration.ofHours(1)),
                            Optional.of(NOW.plus(Duration.ofMinutes(left))));
            var needed =
                    new Timetable.LiveTime(
                            Duration.ofMinutes(own), Duration.ofMinutes(these), Duration.ZERO);

            assertThat(
                            said(
                                    LanePolicy.STANDARD.choose(
                                            Mode.AUTO,
                                            group(OFFERED),
                                            timetable.outlook(NOW, needed))))
                    .isEqualTo(expected);
        }

        @Test
        void what_no_batch_takes_comes_first_in_the_live_lane() {
            var timetable = new Timetable(NOW, Optional.of(NOW.plus(Duration.ofHours(1))));
            // Two hours' work, a quarter of which can only go live: of the rest, a third can be
            // added.
            var needed =
                    new Timetable.LiveTime(Duration.ZERO, Duration.ofHours(2), Duration.ZERO)
                            .withLiveOnly(0.25);

            assertThat(
                            said(
                                    LanePolicy.STANDARD.choose(
                                            Mode.AUTO,
                                            group(OFFERED),
                                            timetable.outlook(NOW, needed))))
                    .isEqualTo("3333 LIVE");
        }
    }
}
