package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.batchwright.job.Item;
import dev.batchwright.job.Request;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class BatchLinesTest {
    private static final String GOOD =
            "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"m\",\"messages\":[{}]}}";

    @TempDir Path scratch;
    private final List<Item> items = new ArrayList<>();

    private BatchReport read(String text) throws IOException {
        return read(text, Endpoint.CHAT, 1000);
    }

    private BatchReport read(String text, Endpoint endpoint, long most) throws IOException {
        items.clear();
        Router router =
                model ->
                        model.equals("unknown")
                                ? new Router.Resolution.Refused("Choose another.")
                                : new Router.Resolution.Routed(
                                        "echo", model.replaceFirst("^echo/", ""));
        return new BatchLines(endpoint, most, router, RequestCheck.NONE, scratch, items::add)
                .read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void good_lines_become_items_with_their_bodies_as_they_came() throws IOException {
        String spaced = GOOD.replace("{\"model\":", "{ \"x\": 1.00, \"model\":").formatted("ü 1");
        BatchReport report = read(GOOD.formatted("a") + "\r\n\n" + spaced);
        assertThat(report.errors()).isEmpty();
        assertThat(report.requests()).isEqualTo(2);
        assertThat(report.model()).contains("m");
        assertThat(items)
                .extracting(Item::seq, Item::customId)
                .containsExactly(tuple(1L, "a"), tuple(2L, "ü 1"));
        assertThat(items.getLast().request().body())
                .hasToString("{ \"x\": 1.00, \"model\":\"m\",\"messages\":[{}]}");
        assertThat(report.targets())
                .containsEntry(new LoadReport.Target("echo", "m", "/v1/chat/completions"), 2L);
    }

    @Test
    void a_model_gets_its_providers_name_and_stream_that_says_no_goes() throws IOException {
        read(
                GOOD.replace("\"model\":\"m\"", "\"stream\":false,\"model\":\"echo/m\",\"n\":1e2")
                        .formatted("a"));
        assertThat(items.getFirst().request())
                .extracting(Request::model, request -> request.body().toString())
                .containsExactly("m", "{\"model\":\"m\",\"n\":1e2,\"messages\":[{}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{                                    | invalid_json_line          | ",
                "[1]                                  | invalid_json_line          | ",
                "{\"a\":1}{\"b\":2}                   | invalid_json_line          | ",
                "{\"a\":1}                            | missing_required_parameter | custom_id",
                "{\"custom_id\":null}                 | missing_required_parameter | custom_id",
                "{\"custom_id\":7}                    | invalid_type               | custom_id",
                "{\"custom_id\":\"\"}                 | invalid_value              | custom_id",
                "{\"custom_id\":\"x\",\"custom_id\":1} | invalid_request           | custom_id",
                "{\"custom_id\":\"x\"}                | missing_required_parameter | method",
                "GET                                  | invalid_method             | method",
                "NOURL                                | missing_required_parameter | url",
                "URL                                  | invalid_url                | url",
                "NOBODY                               | missing_required_parameter | body",
                "TEXT                                 | invalid_type               | body",
                "NOMODEL                              | invalid_request            | body.model",
                "UNKNOWN                              | model_not_found            | body.model",
                "NOMESSAGES                           | invalid_request            | body.messages",
                "STREAM                               | streaming_unsupported      | body.stream",
                "TWICE                                | invalid_request            | body.model",
            })
    void a_bad_line_is_told_with_its_code_and_place(String line, String code, String param)
            throws IOException {
        String good = GOOD.formatted("x");
        String bad =
                switch (line) {
                    case "GET" -> good.replace("POST", "GET");
                    case "NOURL" -> good.replace("\"url\"", "\"uri\"");
                    case "URL" -> good.replace("/v1/chat", "/v1/chats");
                    case "NOBODY" -> good.replace("\"body\"", "\"bodies\"");
                    case "TEXT" -> good.replaceFirst("\"body\":.*", "\"body\":\"text\"}");
                    case "NOMODEL" -> good.replace("\"model\"", "\"models\"");
                    case "UNKNOWN" -> good.replace("\"m\"", "\"unknown\"");
                    case "NOMESSAGES" -> good.replace("\"messages\"", "\"message\"");
                    case "STREAM" -> good.replace("\"model\"", "\"stream\":true,\"model\"");
                    case "TWICE" -> good.replace("\"model\"", "\"model\":\"a\",\"model\"");
                    default -> line;
                };
        BatchReport report = read(GOOD.formatted("a") + "\n" + bad + "\n" + GOOD.formatted("b"));
        assertThat(report.errorCount()).isEqualTo(1);
        LineError error = report.errors().getFirst();
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.param()).isEqualTo(Optional.ofNullable(param));
        assertThat(error.line()).hasValue(2);
        assertThat(items).hasSize(1);
    }

    @Test
    void ids_that_occur_twice_are_told_where_they_occur_again() throws IOException {
        BatchReport report =
                read(
                        String.join(
                                "\n",
                                GOOD.formatted("a"),
                                GOOD.formatted("b"),
                                GOOD.formatted("a")));
        assertThat(report.errors())
                .extracting(LineError::code, error -> error.line().orElse(0))
                .containsExactly(tuple("duplicate_custom_id", 3L));
        assertThat(report.errors().getFirst().message()).contains("line 1");
    }

    @Test
    void a_file_with_nothing_or_too_much_is_refused_as_a_whole() throws IOException {
        assertThat(read("\n \n").errors())
                .extracting(LineError::code, error -> error.line().isPresent())
                .containsExactly(tuple("empty_file", false));
        String three =
                GOOD.formatted("a") + "\n" + GOOD.formatted("b") + "\n" + GOOD.formatted("c");
        assertThat(read(three, Endpoint.CHAT, 2).errors())
                .extracting(LineError::code)
                .containsExactly("too_many_tasks");
        assertThat(read(three, Endpoint.CHAT, 3).errors()).isEmpty();
    }

    @Test
    void of_endless_errors_the_first_are_shown() throws IOException {
        BatchReport report = read("nothing\n".repeat(500));
        assertThat(report.errorCount()).isEqualTo(500);
        assertThat(report.errors()).hasSize(BatchReport.SHOWN);
        assertThat(report.errors().getLast().line()).hasValue(BatchReport.SHOWN);
    }

    @Test
    void other_endpoints_ask_for_what_they_need() throws IOException {
        String line = "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{%s}}";
        assertThat(
                        read(
                                        line.formatted(
                                                "/v1/embeddings",
                                                "\"model\":\"e\",\"input\":\"x\",\"stream\":false"),
                                        Endpoint.EMBEDDINGS,
                                        9)
                                .errors())
                .isEmpty();
        assertThat(
                        read(
                                        line.formatted("/v1/moderations", "\"input\":\"x\""),
                                        Endpoint.MODERATIONS,
                                        9)
                                .errors())
                .isEmpty();
        assertThat(
                        read(
                                        line.formatted(
                                                "/v1/rerank", "\"model\":\"r\",\"query\":\"q\""),
                                        Endpoint.RERANK,
                                        9)
                                .errors())
                .extracting(LineError::param)
                .containsExactly(Optional.of("body.documents"));
    }
}
