package dev.batchwright.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class FaultsTest {
    private static final String PATH = "/v1/chat/completions";

    private static Faults faults(long seed, String... rules) {
        return new Faults(Stream.of(rules).map(FaultRule::parse).toList(), seed);
    }

    private static Optional<Fault> strike(Faults faults, String body, int attempt) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return faults.strike(
                PATH,
                "gpt-4o",
                new Arrival("POST", PATH, "", name -> null, bytes, Instant.EPOCH),
                attempt,
                faults.chance(RequestHash.of(PATH, bytes), attempt));
    }

    private static List<Optional<Fault>> fates(Faults faults, int requests) {
        return IntStream.range(0, requests).mapToObj(i -> strike(faults, "r" + i, 1)).toList();
    }

    @Test
    void shares_are_shares_of_all_calls() {
        Map<String, Integer> counts = new HashMap<>();
        fates(faults(1, "429:20%", "500:10%", "reset:5%"), 20_000)
                .forEach(
                        fate ->
                                counts.merge(
                                        fate.map(Fault::label).orElse("none"), 1, (a, b) -> a + b));
        assertThat(counts.getOrDefault("429", 0)).isCloseTo(4_000, within(200));
        assertThat(counts.getOrDefault("500", 0)).isCloseTo(2_000, within(150));
        assertThat(counts.getOrDefault("reset", 0)).isCloseTo(1_000, within(120));
        assertThat(counts.getOrDefault("none", 0)).isCloseTo(13_000, within(300));
    }

    @Test
    void the_same_seed_gives_the_same_fates_in_any_order() {
        Faults one = faults(7, "429:50%");
        Faults other = faults(7, "429:50%");
        List<Optional<Fault>> forwards = fates(one, 100);
        List<Optional<Fault>> backwards =
                IntStream.range(0, 100).mapToObj(i -> strike(other, "r" + (99 - i), 1)).toList();
        assertThat(backwards.reversed()).isEqualTo(forwards);
    }

    @Test
    void another_seed_and_another_attempt_give_other_fates() {
        assertThat(fates(faults(1, "429:50%"), 100)).isNotEqualTo(fates(faults(2, "429:50%"), 100));
        Faults faults = faults(1, "429:50%");
        assertThat(IntStream.rangeClosed(1, 50).mapToObj(i -> strike(faults, "r", i)).distinct())
                .hasSize(2);
    }

    @Test
    void first_spares_later_attempts() {
        Faults faults = faults(1, "500 first=2");
        assertThat(strike(faults, "r", 1)).isPresent();
        assertThat(strike(faults, "r", 2)).isPresent();
        assertThat(strike(faults, "r", 3)).isEmpty();
    }

    @Test
    void after_spares_earlier_calls() {
        Faults faults = faults(1, "quota after=2");
        assertThat(strike(faults, "a", 1)).isEmpty();
        assertThat(strike(faults, "b", 1)).isEmpty();
        assertThat(strike(faults, "c", 1)).isPresent();
    }

    @Test
    void restrictions_spare_all_other_calls() {
        assertThat(strike(faults(1, "500 when model=gpt-4o"), "r", 1)).isPresent();
        assertThat(strike(faults(1, "500 when model=gpt-5"), "r", 1)).isEmpty();
        assertThat(strike(faults(1, "500 when path=/v1/chat/completions"), "r", 1)).isPresent();
        assertThat(strike(faults(1, "500 when path=/chat/completions"), "r", 1)).isPresent();
        assertThat(strike(faults(1, "500 when path=/v1/embeddings"), "r", 1)).isEmpty();
        assertThat(strike(faults(1, "500 when body~urgent"), "this is urgent", 1)).isPresent();
        assertThat(strike(faults(1, "500 when body~urgent and model=x"), "urgent", 1)).isEmpty();
    }
}
