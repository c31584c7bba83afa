package dev.batchwright.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Answer.InLine;
import dev.batchwright.provider.ResultRow.Answer.Made;
import dev.batchwright.provider.ResultRow.Blank;
import dev.batchwright.provider.ResultRow.Failed;
import dev.batchwright.provider.ResultRow.Form;
import dev.batchwright.provider.ResultRow.Succeeded;
import dev.batchwright.provider.ResultRow.Unreadable;
import dev.batchwright.provider.openai.OpenAiApi.Forbidden;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;

class RowReaderTest {
    static final String CHAT = "/v1/chat/completions";
    static final String OK =
            "{'id':'batch_req_1','custom_id':'bw1','response':{'status_code':200,'request_id':'req_9','body':{'id':'chatcmpl-1','object':'chat.completion','choices':[{'index':0,'message':{'role':'assistant','content':'he"
                + " said \\'hi\\'"
                + " {[','refusal':null},'finish_reason':'stop'}],'usage':{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11,'prompt_tokens_details':{'cached_tokens':4}}}},'error':null}";

    final RowReader reader = new RowReader(Forbidden.THE_ACCOUNT);

    static byte[] bytes(String row) {
        return row.replace("\\'", "\\\"").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    ResultRow read(String endpoint, String row) {
        return reader.read(endpoint, bytes(row), 0, bytes(row).length);
    }

    ResultRow read(String row) {
        return read(CHAT, row);
    }

    static String text(byte[] line, ResultRow.Answer answer) {
        var slice = (InLine) answer;
        return new String(line, slice.offset(), slice.length(), StandardCharsets.UTF_8);
    }

    @Nested
    class A_good_row {
        @Test
        void gives_its_id_its_usage_and_the_place_of_its_response() {
            assertThat(read(OK))
                    .isInstanceOfSatisfying(
                            Succeeded.class,
                            row -> {
                                assertThat(row.wireId()).isEqualTo("bw1");
                                assertThat(row.usage()).isEqualTo(new Usage(9, 4, 2));
                                assertThat(((InLine) row.answer()).form()).isEqualTo(Form.RESPONSE);
                                assertThat(((InLine) row.answer()).status()).isEqualTo(200);
                                assertThat(text(bytes(OK), row.answer()))
                                        .startsWith("{\"status_code\":200")
                                        .endsWith("}}}");
                            });
        }

        @Test
        void may_begin_anywhere_in_what_was_read() {
            byte[] row = bytes("x".repeat(13) + OK + "\r\nnext");
            var read = (Succeeded) reader.read(CHAT, row, 13, bytes(OK).length + 2);
            assertThat(((InLine) read.answer()).offset())
                    .isEqualTo(new String(bytes(OK), StandardCharsets.UTF_8).indexOf("{\"status"));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    // Keys in another order, blanks, escapes in names and ids, nested look-alikes.
                    "  {'error' : null ,\t'response' : { 'body' : {'choices' : [ ] } , 'request_id'"
                            + " : null, 'status_code' : 200 } , 'custom_id' : 'bw1' }  ",
                    "{'\\u0063ustom_id':'\\u0062w1','response':{'status_c\\u006fde':200,'body':{'choi\\u0063es':[]}}}",
                    "{'x':{'custom_id':'bw2','error':{'code':1}},'custom_id':'bw1','response':{'headers':{'status_code':500},'status_code':200,'body':{'metadata':{'error':{}},'choices':[{'error':{'a':[1,-2.5e+3,true,false,null]}}]}}}",
                    "{'custom_id':'bw1','response':{'status_code':'200','body':{'choices':[],'error':null}}}",
                    "{'custom_id':'bw1','response':{'status_code':201,'body':{'choices':[],'error':false}},'error':''}",
                    // Mistral hides bodies in strings.
                    "{'custom_id':'bw1','response':{'status_code':200,'body':'{\\'choices\\':[]}'}}",
                    // Both at once: what was paid for counts.
                    "{'custom_id':'bw1','response':{'status_code':200,'body':{'choices':[]}},'error':{'code':'x'}}",
                })
        void may_look_different(String row) {
            assertThat(read(row))
                    .isInstanceOfSatisfying(
                            Succeeded.class, good -> assertThat(good.wireId()).isEqualTo("bw1"));
        }

        @Test
        void without_a_request_id_is_told_by_its_body() {
            String together =
                    "{'id':'br_1','custom_id':'bw1','response':{'status_code':200,'body':{'choices':[]}}}";
            assertThat(read(together))
                    .isInstanceOfSatisfying(
                            Succeeded.class,
                            row -> {
                                assertThat(((InLine) row.answer()).form()).isEqualTo(Form.BODY);
                                assertThat(text(bytes(together), row.answer()))
                                        .isEqualTo("{\"choices\":[]}");
                            });
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "/v1/embeddings |"
                        + " {'data':[{'embedding':[0.1,-2e-3]}],'usage':{'prompt_tokens':3,'total_tokens':3}}",
                    "/v1/responses | {'status':'completed','error':null,'output':[]}",
                    "/v1/responses | {'status':'incomplete','output':[]}",
                    "/v1/moderations | {'results':[]}",
                    "/v1/rerank | [{'index':0}]",
                    "/v1/unheard/of | {'anything':1}",
                })
        void has_what_its_endpoint_gives(String endpoint, String body) {
            String row =
                    "{'custom_id':'bw1','response':{'status_code':200,'request_id':'r','body':%s},'error':null}"
                            .formatted(body);
            assertThat(read(endpoint, row)).isInstanceOf(Succeeded.class);
        }
    }

    @Nested
    class A_failed_row {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "400 |"
                        + " {'error':{'message':'m','type':'invalid_request_error','code':'decimal_above_max_value'}}"
                        + " | decimal_above_max_value | false",
                    "400 | {'error':{'message':'m','code':'context_length_exceeded'}} |"
                            + " context_length_exceeded | false",
                    "401 | {'error':{'message':'m','code':'invalid_api_key'}} | invalid_api_key |"
                            + " false",
                    "404 | {'error':{'message':'m','code':'model_not_found'}} | model_not_found |"
                            + " false",
                    "408 | {'error':{'message':'m'}} | http_408 | true",
                    "409 | {'error':{'message':'m'}} | http_409 | true",
                    "425 | {} | http_425 | true",
                    "429 | {'error':{'message':'m','code':'rate_limit_exceeded'}} |"
                            + " rate_limit_exceeded | true",
                    "429 | {'error':{'message':'m','code':'insufficient_quota'}} |"
                            + " insufficient_quota | false",
                    "500 | {'error':{'message':'m','code':'server_error'}} | server_error | true",
                    "503 | 'upstream gone' | http_503 | true",
                    "500 | {'choices':[]} | http_500 | true",
                    "422 | {'detail':[{'loc':['body'],'msg':'m'}]} | http_422 | false",
                    "200 | {'error':{'message':'m','code':'server_error'}} | server_error | true",
                    "200 | {'error':{'message':'m','code':400}} | http_400 | false",
                    "200 | {'object':'error','message':'m','type':'invalid_request_error'} |"
                            + " invalid_request_error | false",
                    "200 | {'id':'x'} | unexpected_answer | true",
                    "200 | [] | unexpected_answer | true",
                    "200 | 'no JSON' | invalid_json | true",
                })
        void by_its_status_and_body(int status, String body, String code, boolean retryable) {
            String row =
                    "{'custom_id':'bw1','response':{'status_code':%d,'request_id':'r','body':%s},'error':null}"
                            .formatted(status, body);
            assertThat(read(row))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> {
                                assertThat(failed.error().code()).isEqualTo(code);
                                assertThat(failed.retryable()).isEqualTo(retryable);
                                assertThat(((InLine) failed.answer()).status()).isEqualTo(status);
                            });
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = '^',
                value = {
                    "{'code':'batch_expired','message':'m'} | batch_expired | true",
                    "{'code':'batch_cancelled','message':'m'} | batch_cancelled | true",
                    "{'code':'request_timeout','message':'m'} | request_timeout | true",
                    "{'code':'batch_client_error','message':'m'} | batch_client_error | false",
                    "{'code':'never_heard_of','message':'m'} | never_heard_of | true",
                    "{'type':'invalid_request_error','message':'m'} | batch_error | false",
                    "{'code':503,'message':'m'} | http_503 | true",
                })
        void that_never_ran_has_its_error_in_line(String error, String code, boolean retryable) {
            String row = "{'custom_id':'bw1','response':null,'error':%s}".formatted(error);
            assertThat(read(row))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> {
                                assertThat(failed.error()).isEqualTo(new ItemError(code, "m"));
                                assertThat(failed.retryable()).isEqualTo(retryable);
                                assertThat(((InLine) failed.answer()).form()).isEqualTo(Form.ERROR);
                                assertThat(text(bytes(row), failed.answer()))
                                        .isEqualTo(error.replace('\'', '"'));
                            });
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'status':'failed','error':{'code':'server_error','message':'m'},'output':[]}",
                    "{'status':'failed','output':[]}",
                    "{'status':'cancelled','output':[]}",
                    "{'status':'in_progress','output':[]}"
                })
        void may_be_a_response_that_did_not_end_well(String body) {
            String row =
                    "{'custom_id':'bw1','response':{'status_code':200,'request_id':'r','body':%s},'error':null}"
                            .formatted(body);
            assertThat(read("/v1/responses", row)).isInstanceOf(Failed.class);
        }

        @Test
        void keeps_the_usage_that_was_paid() {
            assertThat(
                            read(
                                    "{'custom_id':'bw1','response':{'status_code':200,'body':{'usage':{'prompt_tokens':3}}}}"))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            row -> assertThat(row.usage()).isEqualTo(new Usage(3, 0, 0)));
        }

        @Test
        void whose_body_is_a_string_of_json_is_decoded() {
            String mistral =
                    "{'id':'batch-1','custom_id':'bw1','response':{'status_code':400,'body':'{\\'object\\':\\'error\\',\\'message\\':\\'m\\',\\'type\\':\\'invalid_request_file\\',\\'param\\':null,\\'code\\':\\'3310\\'}'},'error':null}";
            assertThat(read(mistral))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            row -> {
                                assertThat(row.error())
                                        .isEqualTo(new ItemError("invalid_request_file", "m"));
                                assertThat(row.retryable()).isFalse();
                                assertThat(row.answer())
                                        .isEqualTo(
                                                new Made(
                                                        new Reply(
                                                                400,
                                                                "",
                                                                RawJson.of(
                                                                        "{\"object\":\"error\",\"message\":\"m\",\"type\":\"invalid_request_file\",\"param\":null,\"code\":\"3310\"}"))));
                            });
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'custom_id':'bw1','response':{'status_code':400,'request_id':'v'},'error':'too"
                        + " long'}",
                    "{'custom_id':'bw1','response':{'status_code':400,'body':null},'error':'too"
                            + " long'}",
                })
        void may_have_a_status_and_an_error_beside_it(String vllm) {
            assertThat(read(vllm))
                    .isEqualTo(
                            new Failed(
                                    "bw1",
                                    new ItemError("http_400", "too long"),
                                    false,
                                    Usage.NONE,
                                    new ResultRow.Answer.None()));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "{'custom_id':'bw1'}",
                    "{'custom_id':'bw1','response':null,'error':null}",
                    "{'custom_id':'bw1','response':{},'error':null}"
                })
        void may_say_nothing_at_all(String row) {
            assertThat(read(row))
                    .isInstanceOfSatisfying(
                            Failed.class,
                            failed -> {
                                assertThat(failed.error().code()).isEqualTo("no_result");
                                assertThat(failed.retryable()).isTrue();
                            });
        }
    }

    @Nested
    class No_row {
        @ParameterizedTest
        @ValueSource(strings = {"", " ", "\t\r\n", "\n"})
        void is_a_blank_line(String line) {
            assertThat(read(line)).isEqualTo(new Blank());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "<html>",
                    "[]",
                    "'text'",
                    "{",
                    "{}",
                    "{'custom_id':null,'response':null}",
                    "{'custom_id':'','response':null}",
                    "{'custom_id':'bw1'} x",
                    "{'custom_id':'bw1'}{'custom_id':'bw2'}",
                    "{'custom_id':'bw1',}",
                    "{'custom_id' 'bw1'}",
                    "{'custom_id':'bw1','x':tru}",
                    "{'custom_id':'bw1','x':01}",
                    "{'custom_id':'bw1','x':1.}",
                    "{'custom_id':'bw1','x':-}",
                    "{'custom_id':'bw1','x':1e}",
                    "{'custom_id':'bw1','x':NaN}",
                    "{'custom_id':'bw1','x':[1,]}",
                    "{'custom_id':'bw1','x':[1 2]}",
                    "{'custom_id':'bw1','x':{'a'}}",
                    "{'custom_id':'bw1','x':'\\x'}",
                    "{'custom_id':'bw1','x':'\\u12g4'}",
                    "{'custom_id':'bw1','x':'a\tb'}",
                    "{,'custom_id':'bw1'}",
                })
        void is_what_cannot_be_read_or_mapped(String line) {
            assertThat(read(line)).isInstanceOf(Unreadable.class);
        }

        @Test
        void is_a_row_that_was_cut_anywhere() {
            byte[] whole = bytes(OK);
            for (int length = 1; length < whole.length; length++) {
                assertThat(reader.read(CHAT, whole, 0, length)).isInstanceOf(Unreadable.class);
            }
        }

        @Test
        void is_not_in_utf_8() {
            byte[] line = bytes("{'custom_id':'bw1','x':'good é漢😀 bad ?'}");
            assertThat(reader.read(CHAT, line, 0, line.length)).isInstanceOf(Failed.class);
            line[line.length - 3] = (byte) 0xe9;
            assertThat(reader.read(CHAT, line, 0, line.length)).isInstanceOf(Unreadable.class);
        }

        @Test
        void is_nested_without_end() {
            assertThat(read("{'custom_id':'bw1','x':" + "[".repeat(200_000)))
                    .isInstanceOf(Unreadable.class);
        }
    }

    @Test
    void a_mark_of_utf_8_before_the_first_line_does_no_harm() {
        byte[] line = bytes("\uFEFF" + OK);
        var row = (Succeeded) reader.read(CHAT, line, 0, line.length);
        assertThat(text(line, row.answer())).startsWith("{\"status_code\"");
    }
}
