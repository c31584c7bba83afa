package dev.batchwright.simulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

class FaultRuleTest {
    @Test
    void a_rule_has_a_fault_and_a_share() {
        assertThat(FaultRule.parse("500:2%"))
                .isEqualTo(
                        new FaultRule(
                                new Fault.Status(500, "", Optional.empty()),
                                0.02,
                                Integer.MAX_VALUE,
                                0,
                                Restriction.NONE));
    }

    @Test
    void all_parts_together() {
        assertThat(
                        FaultRule.parse(
                                "429=slow_down:5% wait=3s first=2 after=10 when model=gpt-4o and"
                                        + " path=/v1/embeddings and body~two words"))
                .isEqualTo(
                        new FaultRule(
                                new Fault.Status(
                                        429, "slow_down", Optional.of(Duration.ofSeconds(3))),
                                0.05,
                                2,
                                10,
                                new Restriction(
                                        List.of(
                                                new Restriction.Condition.Model("gpt-4o"),
                                                new Restriction.Condition.Path("/v1/embeddings"),
                                                new Restriction.Condition.Body("two words")))));
    }

    @Test
    void a_rule_without_a_share_always_strikes() {
        assertThat(FaultRule.parse("wrong-key").share()).isEqualTo(1);
        assertThat(FaultRule.parse("quota:after=500").after()).isEqualTo(500);
    }

    @Test
    void a_429_asks_for_one_second_unless_told_otherwise() {
        assertThat(FaultRule.parse("429:5%").fault())
                .isEqualTo(new Fault.Status(429, "requests", Optional.of(Duration.ofSeconds(1))));
    }

    @Test
    void a_stall_with_a_time_is_a_late_answer() {
        assertThat(FaultRule.parse("stall:1%").fault()).isEqualTo(new Fault.Stall());
        assertThat(FaultRule.parse("stall=30s:1%").fault())
                .isEqualTo(new Fault.Delayed(Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reset:3%",
                "lost-answer:1%",
                "hang",
                "half:1%",
                "invalid-json:1%",
                "html:1%",
                "empty:1%",
                "slow-body:1%",
                "slow-body=2s:1%",
                "quota=credit_balance_exhausted",
                "529:0.5%"
            })
    void all_faults_can_be_written(String text) {
        assertThat(FaultRule.parse(text).fault()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "teapot:1%        | the faults are 400 to 599",
                "200:1%           | the faults are 400 to 599",
                "500:120%         | a share is 0% to 100%",
                "500:x%           | is not a percentage",
                "500:5            | is none of 5%",
                "reset=1s         | reset takes no value",
                "429=often        | 429 can be requests, tokens, slow_down or flex",
                "500=often        | only 429 takes a kind",
                "reset wait=1s    | wait= goes with a status only",
                "stall=soon       | is not a span of time",
                "500 first=many   | needs a number",
                "500 when day=mon | is none of model=NAME"
            })
    void what_is_wrong_is_said(String text, String message) {
        assertThatThrownBy(() -> FaultRule.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
