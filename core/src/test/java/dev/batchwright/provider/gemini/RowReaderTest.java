package dev.batchwright.provider.gemini;

import static dev.batchwright.provider.gemini.ChatRequestTest.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.time.Clock;

class RowReaderTest {
    static final String RESPONSE =
            "{'candidates':[{'content':{'parts':[{'text':'hi'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':8,'candidatesTokenCount':2,'thoughtsTokenCount':1,'cachedContentTokenCount':3},'responseId':'x'}";

    final RowReader reader = new RowReader(Clock.systemUTC());

    ResultRow read(Call call, String line) {
        byte[] bytes = ("before" + json(line) + "after").getBytes(StandardCharsets.UTF_8);
        return reader.read(call, bytes, 6, bytes.length - 11);
    }

    static String slice(String line, ResultRow.Answer answer) {
        var in = (ResultRow.Answer.InLine) answer;
        byte[] bytes = json(line).toByteArray();
        return new String(bytes, in.offset(), in.length(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'response':%s,'key':'bw1'}",
                "{'key':'bw1','response':%s}",
                " { 'key' : 'bw1' , 'extra':[{'key':'no'}], 'response' : %s } ",
                "{'place':7,'response':%s,'metadata':{'other':[1],'key':'bw1'}}",
                "{'error':null,'response':%s,'key':'bw1'}",
            })
    void an_answer_in_geminis_own_form_stays_in_its_line(String pattern) {
        String line = pattern.formatted(RESPONSE);

        assertThat(read(Call.GENERATE, line))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row -> {
                            assertThat(row.wireId()).isEqualTo("bw1");
                            assertThat(row.usage()).isEqualTo(new Usage(8, 3, 3));
                            assertThat(slice(line, row.answer()))
                                    .isEqualTo(json(RESPONSE).toString());
                            assertThat(((ResultRow.Answer.InLine) row.answer()).form())
                                    .isEqualTo(ResultRow.Form.BODY);
                        });
    }

    @Test
    void an_answer_to_a_translated_request_is_translated_back() {
        assertThat(read(Call.CHAT, "{'response':%s,'key':'bw1'}".formatted(RESPONSE)))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row -> {
                            var made = (ResultRow.Answer.Made) row.answer();
                            assertThat(made.reply().status()).isEqualTo(200);
                            assertThat(made.reply().requestId()).isEqualTo("x");
                            assertThat(made.reply().body().toString())
                                    .contains("\"content\":\"hi\"")
                                    .contains("\"chat.completion\"");
                        });
        assertThat(read(Call.EMBEDDINGS, "{'key':'bw2','response':{'embedding':{'values':[0.5]}}}"))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row ->
                                assertThat(
                                                ((ResultRow.Answer.Made) row.answer())
                                                        .reply()
                                                        .body()
                                                        .toString())
                                        .contains("\"embedding\":[0.5]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'promptFeedback':{'blockReason':'SAFETY'},'usageMetadata':{}}",
                "{'candidates':[{'finishReason':'MAX_TOKENS'}]}",
                "{'usageMetadata':{'promptTokenCount':1},'modelVersion':'m'}",
            })
    void blocked_cut_off_and_empty_answers_are_answers(String response) {
        for (Call call : new Call[] {Call.GENERATE, Call.CHAT}) {
            assertThat(read(call, "{'key':'bw1','response':%s}".formatted(response)))
                    .isInstanceOf(ResultRow.Succeeded.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, cancelled, 499, true",
        "2, unknown, 500, true",
        "3, invalid_argument, 400, false",
        "4, deadline_exceeded, 504, true",
        "5, not_found, 404, false",
        "7, permission_denied, 403, false",
        "8, resource_exhausted, 429, true",
        "9, failed_precondition, 400, false",
        "13, internal, 500, true",
        "14, unavailable, 503, true",
        "16, unauthenticated, 401, false",
        "0, unknown, 500, true",
        "99, unknown, 500, true",
        "400, invalid_argument, 400, false",
        "429, resource_exhausted, 429, true",
        "503, unavailable, 503, true",
    })
    void an_error_has_the_status_that_http_would_have(
            int code, String name, int status, boolean retryable) {
        String line = "{'key':'bw1','error':{'code':%d,'message':'why'}}".formatted(code);

        assertThat(read(Call.CHAT, line))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> {
                            assertThat(row.wireId()).isEqualTo("bw1");
                            assertThat(row.error().code()).isEqualTo(name);
                            assertThat(row.error().message()).isEqualTo("why");
                            assertThat(row.retryable()).isEqualTo(retryable);
                            var in = (ResultRow.Answer.InLine) row.answer();
                            assertThat(in.status()).isEqualTo(status);
                            assertThat(in.form()).isEqualTo(ResultRow.Form.ERROR);
                            assertThat(slice(line, in))
                                    .isEqualTo("{\"code\":%d,\"message\":\"why\"}".formatted(code));
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'key':'bw1'} | no_answer",
                "{'key':'bw1','response':{}} | unexpected_answer",
                "{'key':'bw1','response':{'odd':1}} | unexpected_answer",
                "{'key':'bw1','response':'text'} | no_answer",
            })
    void what_is_no_answer_may_be_asked_again(String line, String code) {
        assertThat(read(Call.GENERATE, line))
                .isInstanceOfSatisfying(
                        ResultRow.Failed.class,
                        row -> {
                            assertThat(row.error().code()).isEqualTo(code);
                            assertThat(row.retryable()).isTrue();
                        });
    }

    @Test
    void a_result_without_a_key_is_called_by_its_place() {
        assertThat(read(Call.GENERATE, "{'place':17,'response':%s}".formatted(RESPONSE)))
                .isInstanceOfSatisfying(
                        ResultRow.Succeeded.class,
                        row -> assertThat(row.wireId()).isEqualTo("request-17"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "{'key':'bw1','response':{", "[]", "{'response':{}}", "7"})
    void what_can_not_be_read_is_said(String line) {
        assertThat(read(Call.GENERATE, line)).isInstanceOf(ResultRow.Unreadable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "\r"})
    void a_blank_line_is_nothing(String line) {
        assertThat(read(Call.GENERATE, line)).isInstanceOf(ResultRow.Blank.class);
    }
}
