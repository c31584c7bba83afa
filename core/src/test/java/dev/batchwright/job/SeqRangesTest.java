package dev.batchwright.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import java.util.TreeSet;

class SeqRangesTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "7", "1-500,777", "1,3,5-6"})
    void are_read_as_they_are_written(String text) {
        assertThat(SeqRanges.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1-10,      3-4,       '1-2,5-10'",
        "1-10,      '',        1-10",
        "1-10,      1-10,      ''",
        "'1-3,5-9', 2-6,       '1,7-9'",
        "'5,7,9',   '1-6,9-20', 7",
        "4-6,       '1,8',     4-6",
    })
    void without_others_keep_the_rest(String all, String others, String rest) {
        assertThat(SeqRanges.parse(all).minus(SeqRanges.parse(others))).hasToString(rest);
    }

    @ParameterizedTest
    @CsvSource({"'', ''", "7, 7", "'1-3,5,8-9', '1,2,3,5,8,9'"})
    void give_their_places_one_at_a_time(String text, String places) {
        var told = new StringJoiner(",");
        SeqRanges.parse(text).places().forEachRemaining((long place) -> told.add("" + place));

        assertThat(told).hasToString(places);
    }

    @Test
    void cut_in_two_are_whole_again_together() {
        var random = new Random(3);
        for (int round = 0; round < 200; round++) {
            var some = new TreeSet<Long>();
            var others = new TreeSet<Long>();
            for (int i = 0; i < 30; i++) {
                (random.nextBoolean() ? some : others).add(1L + random.nextInt(40));
            }
            SeqRanges a = SeqRanges.ofAscending(some);
            SeqRanges b = SeqRanges.ofAscending(others).minus(a);
            var all = new TreeSet<>(some);
            all.addAll(others);

            SeqRanges union = SeqRanges.union(new ArrayList<>(List.of(b, a)));

            assertThat(union).isEqualTo(SeqRanges.ofAscending(all));
            assertThat(union.minus(a)).isEqualTo(b);
        }
    }

    @Test
    void that_share_something_have_no_union() {
        assertThatThrownBy(() -> SeqRanges.union(List.of(SeqRanges.of(1, 5), SeqRanges.of(5, 9))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5-9");
    }
}
