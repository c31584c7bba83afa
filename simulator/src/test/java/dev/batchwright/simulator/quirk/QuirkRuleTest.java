package dev.batchwright.simulator.quirk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.simulator.wire.BatchRoute;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class QuirkRuleTest {
    @Test
    void a_rule_has_a_value_a_share_and_bounds() {
        assertThat(QuirkRule.parse("cut=0.25:10% first=2 after=3"))
                .isEqualTo(new QuirkRule(new Quirk.Cut(0.25), 0.1, 2, 3));
        assertThat(QuirkRule.parse("reorder"))
                .isEqualTo(new QuirkRule(new Quirk.Reorder(), 1, Long.MAX_VALUE, 0));
        assertThat(QuirkRule.parse("stuck=2h").quirk())
                .isEqualTo(new Quirk.Stuck(Optional.of(Duration.ofHours(2))));
        assertThat(QuirkRule.parse("poll-500=30s").quirk())
                .isEqualTo(
                        new Quirk.CallFails(
                                BatchRoute.Kind.POLL, 500, Optional.of(Duration.ofSeconds(30))));
        assertThat(QuirkRule.parse("create-lost").quirk())
                .isEqualTo(new Quirk.CallLost(BatchRoute.Kind.CREATE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "reorder=1",
                "cut=2",
                "cut=x",
                "poll-200",
                "pull-500",
                "row-missing:200%",
                "row-missing first=x",
                "row-missing every=2",
                "slow=long"
            })
    void nonsense_is_refused_with_what_is_accepted(String text) {
        assertThatThrownBy(() -> QuirkRule.parse(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void chance_is_the_same_for_the_same_row() {
        List<QuirkRule> rules = List.of(QuirkRule.parse("row-missing:30%"));
        var once = new Quirks(rules, 7);
        var again = new Quirks(rules, 7);
        long struck = 0;
        for (long row = 0; row < 10_000; row++) {
            Optional<Quirk.OfRow> quirk = once.strikeRow(row);
            assertThat(again.strikeRow(row)).isEqualTo(quirk);
            struck += quirk.isPresent() ? 1 : 0;
        }
        assertThat(struck).isBetween(2_800L, 3_200L);
    }
}
