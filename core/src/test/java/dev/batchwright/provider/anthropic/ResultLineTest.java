package dev.batchwright.provider.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Answer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

class ResultLineTest {
    static final Instant NOW = Instant.ofEpochSecond(1_800_000_000L);
    static final String PADDING = "left over from another line ";
    static final String MESSAGE =
            """
            {'id':'msg_01','type':'message','role':'assistant','model':'m','content':[{'type':'text','text':'hé'}],\
            'stop_reason':'end_turn','usage':{'input_tokens':16,'cache_read_input_tokens':4,'output_tokens':5}}\
            """;

    /** As the engine reads it: somewhere in a buffer. */
    static ResultRow read(String line, boolean translated) {
        byte[] before = PADDING.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Json.of(line).getBytes(StandardCharsets.UTF_8);
        byte[] buffer = (PADDING + Json.of(line) + "\n{").getBytes(StandardCharsets.UTF_8);
        return ResultLine.read(buffer, before.length, bytes.length, translated, NOW);
    }

    static String slice(String line, Answer answer) {
        var place = (Answer.InLine) answer;
        byte[] bytes = Json.of(line).getBytes(StandardCharsets.UTF_8);
        return new String(bytes, place.offset(), place.length(), StandardCharsets.UTF_8);
    }

    @Test
    void a_message_is_the_body_where_it_stands() {
        String line =
                "{'custom_id':'é1','result':{'type':'succeeded','message': %s }}"
                        .formatted(MESSAGE);

        assertThat(read(line, false))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row -> {
                            assertThat(row.wireId()).isEqualTo("é1");
                            assertThat(row.usage()).isEqualTo(new Usage(20, 4, 5));
                            assertThat(slice(line, row.answer())).isEqualTo(Json.of(MESSAGE));
                            var place = (Answer.InLine) row.answer();
                            assertThat(place.form()).isEqualTo(ResultRow.Form.BODY);
                            assertThat(place.status()).isEqualTo(200);
                        });
    }

    @Test
    void a_message_that_answers_a_chat_is_made_into_a_completion() {
        String line =
                "{'custom_id':'a','result':{'type':'succeeded','message':%s}}".formatted(MESSAGE);

        assertThat(read(line, true))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row -> {
                            var made = (Answer.Made) row.answer();
                            assertThat(made.reply().status()).isEqualTo(200);
                            assertThat(made.reply().body().toString())
                                    .contains("\"object\":\"chat.completion\"")
                                    .contains("\"content\":\"hé\"");
                        });
    }

    @ParameterizedTest
    @CsvSource({
        "invalid_request_error, 400, false",
        "authentication_error, 401, true",
        "billing_error, 402, true",
        "permission_error, 403, false",
        "not_found_error, 404, false",
        "request_too_large, 413, false",
        "rate_limit_error, 429, true",
        "api_error, 500, true",
        "timeout_error, 504, true",
        "overloaded_error, 529, true",
        "an_error_of_next_year, 500, true",
    })
    void an_error_goes_by_its_type_and_is_kept_as_a_live_call_would_give_it(
            String type, int status, boolean retryable) {
        String envelope =
                "{'type':'error','error':{'type':'%s','message':'m','details':{'x':1}},'request_id':null}"
                        .formatted(type);
        String line =
                "{'custom_id':'a','result':{'type':'errored','error':%s}}".formatted(envelope);

        for (boolean translated : new boolean[] {false, true}) {
            assertThat(read(line, translated))
                    .isInstanceOfSatisfying(
                            ResultRow.Failed.class,
                            row -> {
                                assertThat(row.error().code()).isEqualTo(type);
                                assertThat(row.error().message()).isEqualTo("m");
                                assertThat(row.retryable()).isEqualTo(retryable);
                                assertThat(row.usage()).isEqualTo(Usage.NONE);
                                assertThat(slice(line, row.answer())).isEqualTo(Json.of(envelope));
                                assertThat(((Answer.InLine) row.answer()).status())
                                        .isEqualTo(status);
                            });
        }
    }

    @Test
    void an_error_without_its_envelope_is_read_too() {
        assertThat(
                        read(
                                "{'custom_id':'a','result':{'type':'errored','error':{'type':'api_error','message':'m'}}}",
                                false))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> assertThat(row.error().code()).isEqualTo("api_error"));
    }

    @Test
    void a_spent_account_is_no_items_fault() {
        assertThat(
                        read(
                                "{'custom_id':'a','result':{'type':'errored','error':{'type':'error','error':{'type':'invalid_request_error','message':'You"
                                    + " have reached your specified API usage limits.'}}}}",
                                false))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class, row -> assertThat(row.retryable()).isTrue());
    }

    @ParameterizedTest
    @CsvSource({"canceled", "expired"})
    void what_was_not_executed_may_be_tried_again_and_cost_nothing(String type) {
        assertThat(read("{'custom_id':'a','result':{'type':'%s'}}".formatted(type), false))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> {
                            assertThat(row.wireId()).isEqualTo("a");
                            assertThat(row.error().code()).isEqualTo(type);
                            assertThat(row.retryable()).isTrue();
                            assertThat(row.usage()).isEqualTo(Usage.NONE);
                            assertThat(row.answer()).isEqualTo(new Answer.None());
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'custom_id':'a'}",
                "{'custom_id':'a','result':null}",
                "{'custom_id':'a','result':{'type':'of_next_year'}}",
                "{'custom_id':'a','result':{'type':'succeeded'}}",
                "{'custom_id':'a','result':{'type':'errored'}}",
                "{'custom_id':'a','result':'succeeded'}",
            })
    void a_row_that_says_nothing_of_use_still_names_its_item(String line) {
        assertThat(read(line, false))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> {
                            assertThat(row.wireId()).isEqualTo("a");
                            assertThat(row.error().code()).isEqualTo("unexpected_answer");
                        });
    }

    @Test
    void what_was_paid_is_counted_even_if_it_is_no_message() {
        assertThat(
                        read(
                                "{'custom_id':'a','result':{'type':'succeeded','message':{'type':'other','usage':{'output_tokens':5}}}}",
                                false))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> assertThat(row.usage()).isEqualTo(new Usage(0, 0, 5)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'custom_id':'a','result':",
                "not json",
                "[]",
                "7",
                "{'custom_id':null,'result':{'type':'expired'}}",
                "{'custom_id':7,'result':{'type':'expired'}}",
                "{'custom_id':'','result':{'type':'expired'}}",
                "{'result':{'type':'expired'}}",
                "{'custom_id':'a\\q'}",
                "{'custom_id':'a'} {'custom_id':'b'}",
            })
    void what_names_no_item_is_unreadable_and_never_thrown(String line) {
        assertThat(read(line, false)).isInstanceOf(ResultRow.Unreadable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\r", "\t \r"})
    void a_blank_line_is_nothing_lost(String line) {
        assertThat(read(line, false)).isEqualTo(new ResultRow.Blank());
    }
}
