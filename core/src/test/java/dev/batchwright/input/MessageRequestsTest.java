package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.batchwright.job.Item;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

class MessageRequestsTest {
    private static final String GOOD =
            "{\"custom_id\":\"%s\",\"params\":{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{}]}}";

    @TempDir Path scratch;

    /** A stream that hands out one byte at a time: every edge of a window is met. */
    private static InputStream slow(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
                return super.read(into, offset, Math.min(1, length));
            }
        };
    }

    private String problem(String body) throws IOException {
        return new MessageRequests().problem(slow(body), 3, scratch).orElse("none");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"requests\":[A]}                     | none",
                " { \"x\" : [1,{\"a\":\"]}\\\"\"}], \"requests\" : [ A , B ] , \"y\":null } | none",
                "{\"requests\":[A,B,C]}                 | none",
                "{\"requests\":[A,B,C,D]}               | at most 3 items",
                "{\"requests\":[]}                      | at least 1 item after validation, not 0",
                "{\"requests\":null}                    | requests: Field required",
                "{}                                     | requests: Field required",
                "{\"requests\":[A,A]}                   | custom_id's must be unique within a"
                        + " batch",
                "{\"requests\":[A,]}                    | not valid JSON",
                "{\"requests\":[A B]}                   | not valid JSON",
                "{\"requests\":[A]                      | not valid JSON: it ends too early",
                "{\"requests\":[A]}x                    | not valid JSON",
                "{\"requests\":[A],\"requests\":[A]}    | twice",
                "[A]                                    | not valid JSON",
                "nothing                                | not valid JSON",
                "{\"requests\":[{\"custom_id\":x}]}     | not valid JSON: see requests.0",
                "{\"requests\":[7]}                     | requests.0: Input should be a valid"
                        + " dictionary",
                "{\"requests\":[A,{\"params\":{}}]}     | requests.1.custom_id: Field required",
                "{\"requests\":[{\"custom_id\":\"a b\",\"params\":{}}]} | should match pattern",
                "{\"requests\":[{\"custom_id\":\"LONG\",\"params\":{}}]} | at most 64 characters",
                "{\"requests\":[{\"custom_id\":\"a\"}]} | requests.0.params: Field required",
            })
    void a_body_is_checked_as_a_whole(String body, String problem) throws IOException {
        String text =
                body.replace("LONG", "x".repeat(65))
                        .replace("A", GOOD.formatted("a"))
                        .replace("B", GOOD.formatted("b"))
                        .replace("C", GOOD.formatted("c"))
                        .replace("D", GOOD.formatted("d"));
        assertThat(problem(text)).contains(problem);
    }

    @Test
    void what_cannot_be_sent_is_refused_alone() throws IOException {
        String body =
                "{\"requests\":[%s,%s,%s,%s,%s]}"
                        .formatted(
                                GOOD.formatted("a"),
                                GOOD.formatted("b").replace("\"max_tokens\"", "\"max\""),
                                GOOD.formatted("c").replace("\"m\"", "\"unknown\""),
                                GOOD.formatted("d")
                                        .replace("\"model\"", "\"stream\":true,\"model\""),
                                GOOD.formatted("e").replace("{\"model\"", "{ \"x\":1.0,\"model\""));
        List<Item> items = new ArrayList<>();
        Map<String, String> refused = new LinkedHashMap<>();
        BatchReport report =
                new MessageRequests()
                        .read(
                                slow(body),
                                model ->
                                        model.equals("m")
                                                ? new Router.Resolution.Routed("echo", "m")
                                                : new Router.Resolution.Refused("no"),
                                RequestCheck.NONE,
                                items::add,
                                (id, error) ->
                                        refused.put(id, error.code() + " " + error.message()));
        assertThat(items).extracting(Item::seq).containsExactly(1L, 2L);
        assertThat(items).extracting(Item::customId).containsExactly("a", "e");
        assertThat(items.getLast().request().body().toString()).startsWith("{ \"x\":1.0,");
        assertThat(refused)
                .containsExactly(
                        entry("b", "invalid_request_error max_tokens: Field required"),
                        entry("c", "not_found_error model: unknown"),
                        entry(
                                "d",
                                "invalid_request_error \"stream=True\" is not supported in the"
                                        + " Message Batches API"));
        assertThat(report.requests()).isEqualTo(5);
        assertThat(report.refused()).isEqualTo(3);
        assertThat(report.loaded().items()).isEqualTo(2);
    }
}
