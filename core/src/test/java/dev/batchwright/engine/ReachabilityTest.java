package dev.batchwright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome;

import org.junit.jupiter.api.Test;

import java.time.Instant;

class ReachabilityTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Instant LATER = NOON.plus(Reachability.PATIENCE);
    private static final AttemptOutcome NOBODY =
            new AttemptOutcome.Unreachable("No one.", LimitReport.NONE);
    private static final AttemptOutcome SOMEBODY =
            new AttemptOutcome.Blocked("Bad key.", LimitReport.NONE);

    private final Reachability reachability = new Reachability();

    @Test
    void a_provider_is_gone_when_nothing_else_happened_for_long() {
        assertThat(reachability.isGone("p", NOBODY, NOON)).isFalse();
        assertThat(reachability.isGone("p", NOBODY, LATER.minusMillis(1))).isFalse();
        assertThat(reachability.isGone("p", NOBODY, LATER)).isTrue();
    }

    @Test
    void any_answer_begins_anew() {
        reachability.isGone("p", NOBODY, NOON);
        reachability.isGone("p", SOMEBODY, NOON.plusSeconds(20));

        assertThat(reachability.isGone("p", NOBODY, LATER)).isFalse();
    }

    @Test
    void each_provider_counts_for_itself() {
        reachability.isGone("p", NOBODY, NOON);

        assertThat(reachability.isGone("q", NOBODY, LATER)).isFalse();
        assertThat(reachability.isGone("p", NOBODY, LATER)).isTrue();
    }
}
