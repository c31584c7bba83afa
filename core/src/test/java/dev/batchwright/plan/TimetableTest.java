package dev.batchwright.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

class TimetableTest {
    private static final Instant BEGAN = Instant.parse("2026-11-20T12:00:00Z");

    private static Timetable hours(long hours) {
        return new Timetable(BEGAN, Optional.of(BEGAN.plus(Duration.ofHours(hours))));
    }

    private static Timetable.LiveTime needed(long live, long batches) {
        return new Timetable.LiveTime(
                Duration.ofMinutes(live), Duration.ZERO, Duration.ofMinutes(batches));
    }

    /** A deadline six hours after the job began; all times in minutes. */
    @ParameterizedTest
    @CsvSource({
        // now, live lane's own work, that of the batches, when they cross or nothing
        "  0,   0,  60, 260", // an hour, half as much again, ten minutes for cancelling
        "250,   0,  60, 260",
        "300,   0,  60, 260", // late, but most can still be done
        "320,   0,  60, 260",
        "321,   0,  60, ", // less than half could be: they may run on
        "  0,  30,  60, 215", // the live lane's own work comes first
        "  0, 360, 240, ", // it has enough to do until the deadline
        "  0, 300, 240, ",
        "  0,  60, 2400, ",
    })
    void batches_cross_in_time_and_only_while_the_live_lane_can_do_half_of_them(
            long now, long live, long batches, Long expected) {
        Optional<Long> crossing =
                hours(6).crossing(BEGAN.plus(Duration.ofMinutes(now)), needed(live, batches))
                        .map(at -> Duration.between(BEGAN, at).toMinutes());

        assertThat(crossing).isEqualTo(Optional.ofNullable(expected));
    }

    @Test
    void cancelling_takes_no_more_than_a_sixth_of_the_whole() {
        var brief = new Timetable(BEGAN, Optional.of(BEGAN.plusSeconds(60)));

        assertThat(brief.crossing(BEGAN, needed(0, 0))).contains(BEGAN.plusSeconds(50));
    }

    @Test
    void without_a_deadline_there_is_all_the_time() {
        var timetable = new Timetable(BEGAN, Optional.empty());

        assertThat(timetable.crossing(BEGAN, needed(0, 60))).isEmpty();
        assertThat(timetable.outlook(BEGAN, needed(0, 60))).isEmpty();
    }
}
