package dev.batchwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The odd ways of batch APIs, on the wires that have no files for failures. */
@Timeout(60)
class QuirksOfOtherWiresTest {
    private static final String[] HEADERS = {"anthropic-version", "2023-06-01"};
    private static final String ANTHROPIC = "/v1/messages/batches";
    private static final String GEMINI = "/v1beta/models/m:batchGenerateContent";

    private final SettableClock clock = new SettableClock();

    private Simulator start(String provider, String quirk) {
        return Simulator.start(
                SimulatorOptions.builder()
                        .provider(provider)
                        .eventLoops(1)
                        .clock(clock)
                        .quirk(quirk)
                        .build());
    }

    private static String messages() {
        var requests = new ArrayList<String>();
        for (String id : List.of("a", "b", "c")) {
            requests.add(
                    """
                    {"custom_id":"%s","params":{"model":"m","max_tokens":9,"messages":
                    [{"role":"user","content":"%s"}]}}\
                    """
                            .formatted(id, id));
        }
        return "{\"requests\":[" + String.join(",", requests) + "]}";
    }

    private static String contents() {
        var requests = new ArrayList<String>();
        for (String id : List.of("a", "b", "c")) {
            requests.add(
                    """
                    {"metadata":{"key":"%s"},"request":{"contents":[{"parts":[{"text":"%s"}]}]}}\
                    """
                            .formatted(id, id));
        }
        return "{\"batch\":{\"displayName\":\"nonce\",\"inputConfig\":{\"requests\":{\"requests\":["
                + String.join(",", requests)
                + "]}}}}";
    }

    @Nested
    class Of_anthropic {
        @ParameterizedTest
        @CsvSource({
            "row-missing:first=1, 2",
            "row-twice:first=1, 4",
            "row-unknown:first=1, 4",
            "row-garbled:first=1, 3",
            "row-fails=500:first=1, 3",
            "row-blank:first=1, 3",
            "reorder, 3"
        })
        void strike_rows(String quirk, int rows) throws Exception {
            try (Simulator simulator = start("anthropic", quirk);
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(ANTHROPIC, messages(), HEADERS);
                String id = got.json().path("id").asString();
                clock.advance(Duration.ofHours(1));
                String results = client.get(ANTHROPIC + "/" + id + "/results", HEADERS).body();
                assertThat(results.lines().filter(line -> !line.isBlank())).hasSize(rows);
            }
        }

        @Test
        void lose_the_answer_to_a_batch_that_was_created() throws Exception {
            try (Simulator simulator = start("anthropic", "create-lost:first=1");
                    Client client = new Client(simulator)) {
                assertThatThrownBy(() -> client.post(ANTHROPIC, messages(), HEADERS))
                        .isInstanceOf(IOException.class);
                assertThat(client.get(ANTHROPIC, HEADERS).json().path("data")).hasSize(1);
            }
        }

        @Test
        void hide_a_batch_for_a_while() throws Exception {
            try (Simulator simulator = start("anthropic", "create-lag=10s");
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(ANTHROPIC, messages(), HEADERS);
                String path = ANTHROPIC + "/" + got.json().path("id").asString();
                assertThat(client.get(path, HEADERS).status()).isEqualTo(404);
                clock.advance(Duration.ofSeconds(11));
                assertThat(client.get(path, HEADERS).status()).isEqualTo(200);
            }
        }

        @Test
        void expire_a_batch_with_part_of_its_rows_done() throws Exception {
            try (Simulator simulator = start("anthropic", "expire=0.4");
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(ANTHROPIC, messages(), HEADERS);
                clock.advance(Duration.ofHours(25));
                JsonNode counts =
                        client.get(ANTHROPIC + "/" + got.json().path("id").asString(), HEADERS)
                                .json()
                                .path("request_counts");
                assertThat(counts.path("succeeded").asInt()).isEqualTo(1);
                assertThat(counts.path("expired").asInt()).isEqualTo(2);
            }
        }

        @Test
        void find_a_batch_ended_that_is_to_be_cancelled() throws Exception {
            try (Simulator simulator = start("anthropic", "cancel-late");
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(ANTHROPIC, messages(), HEADERS);
                String path = ANTHROPIC + "/" + got.json().path("id").asString();
                assertThat(client.send("POST", path + "/cancel", HEADERS).status()).isEqualTo(400);
                assertThat(client.get(path, HEADERS).json().path("processing_status").asString())
                        .isEqualTo("ended");
            }
        }
    }

    @Nested
    class Of_gemini {
        @ParameterizedTest
        @CsvSource({
            "row-missing:first=1, 2, ",
            "row-twice:first=1, 4, ",
            "row-unknown:first=1, 4, ",
            "row-garbled:first=1, 2, ",
            "row-fails=500:first=1, 3, 13",
            "row-fails=429:first=1, 3, 8",
            "row-blank:first=1, 3, "
        })
        void strike_rows(String quirk, int rows, String code) throws Exception {
            try (Simulator simulator = start("gemini", quirk);
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(GEMINI, contents());
                clock.advance(Duration.ofHours(1));
                JsonNode results =
                        client.get("/v1beta/" + got.json().path("name").asString())
                                .json()
                                .at("/response/inlinedResponses/inlinedResponses");
                assertThat(results).hasSize(rows);
                results.forEach(row -> assertThat(row.at("/metadata/key").asString()).isNotEmpty());
                assertThat(results.at("/0/error/code").asString(""))
                        .isEqualTo(code == null ? "" : code);
            }
        }

        @Test
        void lose_the_answer_to_a_batch_that_was_created() throws Exception {
            try (Simulator simulator = start("gemini", "create-lost:first=1");
                    Client client = new Client(simulator)) {
                assertThatThrownBy(() -> client.post(GEMINI, contents()))
                        .isInstanceOf(IOException.class);
                assertThat(
                                client.get("/v1beta/batches")
                                        .json()
                                        .at("/operations/0/metadata/displayName")
                                        .asString())
                        .isEqualTo("nonce");
            }
        }

        @Test
        void fail_a_batch_as_a_whole() throws Exception {
            try (Simulator simulator = start("gemini", "fail");
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(GEMINI, contents());
                clock.advance(Duration.ofHours(1));
                JsonNode ended = client.get("/v1beta/" + got.json().path("name").asString()).json();
                assertThat(ended.at("/metadata/state").asString()).isEqualTo("BATCH_STATE_FAILED");
                assertThat(ended.has("error")).isTrue();
            }
        }

        @Test
        void keep_a_batch_pending_for_ever() throws Exception {
            try (Simulator simulator = start("gemini", "stuck");
                    Client client = new Client(simulator)) {
                Client.Got got = client.post(GEMINI, contents());
                clock.advance(Duration.ofHours(1));
                assertThat(
                                client.get("/v1beta/" + got.json().path("name").asString())
                                        .json()
                                        .at("/metadata/state")
                                        .asString())
                        .isEqualTo("BATCH_STATE_PENDING");
            }
        }
    }
}
