package dev.batchwright.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.stream.IntStream;

class BrokenAnswersTest {
    private static final JsonNode SCHEMA =
            JsonMapper.shared()
                    .readTree(
                            """
                            {"type":"object","properties":{"label":{"type":"string"},"sure":
                             {"type":"number"}},"required":["label","sure"]}\
                            """);
    private static final String WHOLE = "{\"label\":\"echo: hello\",\"sure\":0}";

    private static List<Draft> drafts(BrokenAnswers broken, int requests) {
        return IntStream.range(0, requests)
                .mapToObj(i -> broken.draft(SCHEMA, "echo: hello", RequestHash.of("request " + i)))
                .toList();
    }

    @Test
    void a_share_of_the_answers_is_broken_in_four_ways() {
        List<Draft> drafts = drafts(new BrokenAnswers(0.15, 1), 2_000);

        List<Draft> broken =
                drafts.stream().filter(draft -> !draft.equals(Draft.of(WHOLE))).toList();
        assertThat(broken).hasSizeBetween(250, 350);
        assertThat(broken)
                .anyMatch(draft -> draft.text().contains("```json\n" + WHOLE))
                .anyMatch(draft -> draft.text().equals("{\"sure\":0}"))
                .anyMatch(draft -> draft.text().equals("{\"label\":\"echo: hello\"}"))
                .anyMatch(draft -> draft.text().contains("\"label\":0"))
                .anyMatch(draft -> draft.text().contains("\"sure\":\"text\""))
                .anyMatch(draft -> Completion.of(draft, Long.MAX_VALUE).cut());
    }

    @Test
    void the_same_request_has_the_same_answer_and_another_seed_breaks_others() {
        var broken = new BrokenAnswers(0.5, 1);

        assertThat(drafts(broken, 100)).isEqualTo(drafts(broken, 100));
        assertThat(drafts(broken, 100)).isNotEqualTo(drafts(new BrokenAnswers(0.5, 2), 100));
    }

    @Test
    void with_twice_the_tokens_a_cut_answer_is_whole() {
        for (Draft draft : drafts(new BrokenAnswers(1, 1), 50)) {
            Completion cut = Completion.of(draft, Long.MAX_VALUE);
            if (cut.cut()) {
                assertThat(Completion.of(draft.text(), 2 * cut.tokens()).text()).isEqualTo(WHOLE);
            }
        }
    }

    @Test
    void what_has_no_fields_is_cut_or_talked_about() {
        JsonNode numbers = JsonMapper.shared().readTree("{\"type\":\"array\",\"minItems\":9}");

        for (int i = 0; i < 50; i++) {
            Draft draft = new BrokenAnswers(1, 1).draft(numbers, "echo", RequestHash.of("r" + i));
            assertThat(
                            Completion.of(draft, Long.MAX_VALUE).cut()
                                    || draft.text().startsWith("Here is"))
                    .isTrue();
        }
    }

    @Test
    void a_share_is_a_percentage() {
        assertThat(BrokenAnswers.share("15%")).isEqualTo(0.15);
        assertThatThrownBy(() -> BrokenAnswers.share("0.15")).hasMessageContaining("15%");
        assertThatThrownBy(() -> new BrokenAnswers(1.5, 1)).hasMessageContaining("100%");
    }
}
