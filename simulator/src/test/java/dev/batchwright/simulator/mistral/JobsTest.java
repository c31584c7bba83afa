package dev.batchwright.simulator.mistral;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Mistral's jobs. */
@Timeout(60)
class JobsTest {
    private final SettableClock clock = new SettableClock();
    private final Simulator simulator =
            Simulator.start(
                    SimulatorOptions.builder()
                            .provider("mistral")
                            .eventLoops(1)
                            .clock(clock)
                            .validationTime("1m")
                            .batchTime("100m")
                            .build());
    private final Client client = new Client(simulator);

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static String line(String id, String text) {
        return """
        {"custom_id":"%s","body":{"messages":[{"role":"user","content":"%s"}]}}
        """
                .formatted(id, text);
    }

    private String uploaded(String content) throws IOException, InterruptedException {
        Client.Got got = client.upload("/v1/files", "in.jsonl", content, "purpose", "batch");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json().path("id").asString();
    }

    private JsonNode created(String members) throws IOException, InterruptedException {
        Client.Got got =
                client.post(
                        "/v1/batch/jobs",
                        "{\"model\":\"m\",\"endpoint\":\"/v1/chat/completions\"," + members + "}");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json();
    }

    private JsonNode ended(JsonNode job, String query) throws IOException, InterruptedException {
        clock.advance(Duration.ofHours(3));
        return client.get("/v1/batch/jobs/" + job.path("id").asString() + query).json();
    }

    private List<JsonNode> rows(JsonNode job, String file)
            throws IOException, InterruptedException {
        return client.get("/v1/files/" + job.path(file).asString() + "/content")
                .body()
                .lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    @Test
    void a_job_takes_several_files_and_gives_rows_without_asking_for_unique_ids() throws Exception {
        String first = uploaded(line("a", "one") + line("a", "two"));
        String second =
                uploaded("{\"body\":{\"messages\":[]}}\n".replace("[]", "[{\"role\":\"user\"}]"));
        JsonNode job = created("\"input_files\":[\"" + first + "\",\"" + second + "\"]");
        assertThat(job.path("status").asString()).isEqualTo("QUEUED");
        JsonNode done = ended(job, "");
        assertThat(done.path("status").asString()).isEqualTo("SUCCESS");
        assertThat(done.path("succeeded_requests").asInt()).isEqualTo(3);
        assertThat(rows(done, "output_file"))
                .extracting(row -> row.path("custom_id").asString("null"))
                .containsExactly("a", "a", "null");
        assertThat(rows(done, "output_file"))
                .first()
                .extracting(row -> row.at("/response/body/choices/0/message/content").asString())
                .isEqualTo("echo: one");
        assertThat(done.path("error_file").isNull()).isTrue();
    }

    @Test
    void failed_rows_hold_their_body_as_a_text() throws Exception {
        JsonNode job =
                created(
                        "\"requests\":[{\"custom_id\":\"bad\",\"body\":{\"messages\":[],\n"
                            + "\"temperature\":9}},{\"custom_id\":\"good\",\"body\":{\"messages\":"
                            + "[{\"role\":\"user\",\"content\":\"x\"}]}}]");
        JsonNode done = ended(job, "?inline=true");
        assertThat(done.path("failed_requests").asInt()).isEqualTo(1);
        assertThat(done.at("/errors/0").toString())
                .isEqualTo("{\"message\":\"HTTP Error, status code: 400\",\"count\":1}");
        assertThat(done.path("outputs")).hasSize(2);
        JsonNode bad = rows(done, "error_file").getFirst();
        assertThat(bad.path("error").isNull()).isTrue();
        assertThat(bad.at("/response/body").isString()).isTrue();
        assertThat(
                        JsonMapper.shared()
                                .readTree(bad.at("/response/body").asString())
                                .path("code")
                                .asString())
                .isEqualTo("3310");
    }

    @Test
    void jobs_are_found_by_metadata_and_time() throws Exception {
        String file = uploaded(line("a", "one"));
        created("\"input_files\":[\"" + file + "\"],\"metadata\":{\"run\":\"1\"}");
        clock.advance(Duration.ofSeconds(10));
        created("\"input_files\":[\"" + file + "\"],\"metadata\":{\"run\":\"2\"}");
        String wanted = URLEncoder.encode("{\"run\":\"2\"}", StandardCharsets.UTF_8);
        JsonNode found = client.get("/v1/batch/jobs?metadata=" + wanted).json();
        assertThat(found.path("total").asInt()).isEqualTo(1);
        assertThat(found.at("/data/0/metadata/run").asString()).isEqualTo("2");
        String after = SettableClock.START.plusSeconds(5).toString();
        assertThat(client.get("/v1/batch/jobs?created_after=" + after).json().path("total").asInt())
                .isEqualTo(1);
        assertThat(
                        client.get("/v1/batch/jobs?page=1&page_size=1&status=QUEUED")
                                .json()
                                .at("/data/0/metadata/run")
                                .asString())
                .isEqualTo("1");
    }

    @Test
    void a_job_that_has_not_started_is_cancelled_at_once_and_others_are_not() throws Exception {
        String file = uploaded(line("a", "one") + line("b", "two"));
        String members = "\"input_files\":[\"" + file + "\"]";
        String queued = created(members).path("id").asString();
        assertThat(status(client.post("/v1/batch/jobs/" + queued + "/cancel", "")))
                .isEqualTo("CANCELLED");
        String running = created(members).path("id").asString();
        clock.advance(Duration.ofMinutes(52));
        assertThat(status(client.post("/v1/batch/jobs/" + running + "/cancel", "")))
                .isEqualTo("CANCELLATION_REQUESTED");
        clock.advance(Duration.ofHours(1));
        JsonNode cancelled = client.get("/v1/batch/jobs/" + running).json();
        assertThat(cancelled.path("status").asString()).isEqualTo("CANCELLED");
        assertThat(rows(cancelled, "output_file")).hasSize(1);
    }

    private static String status(Client.Got got) {
        return got.json().path("status").asString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    422|{"endpoint":"/v1/none","input_files":["x"]}
                    404|{"endpoint":"/v1/chat/completions","input_files":["x"]}
                    422|{"endpoint":"/v1/chat/completions"}
                    422|{"endpoint":"/v1/chat/completions","timeout_hours":200,"input_files":["x"]}
                    422|{"endpoint":"/v1/chat/completions","metadata":{"a":""},"input_files":["x"]}
                    422|nonsense
                    """)
    void wrong_jobs_are_refused_at_once(int status, String body) throws Exception {
        Client.Got got = client.post("/v1/batch/jobs", body);
        assertThat(got.status()).isEqualTo(status);
        assertThat(got.json().path("detail").isString()).isTrue();
    }

    @Test
    void an_upload_is_refused_for_one_bad_line() throws Exception {
        Client.Got got =
                client.upload(
                        "/v1/files",
                        "in.jsonl",
                        line("a", "x") + "{\"body\":{\"messages\":[],\"max_tokens\":-1}}\n",
                        "purpose",
                        "batch");
        assertThat(got.status()).isEqualTo(422);
        assertThat(got.json().path("detail").asString()).contains("Line 2");
    }

    @Test
    void a_file_has_an_address_for_everybody() throws Exception {
        String content = line("a", "x");
        String id = uploaded(content);
        String url = client.get("/v1/files/" + id + "/url").json().path("url").asString();
        assertThat(client.getFrom(URI.create(url)).body()).isEqualTo(content);
        assertThat(client.get("/v1/files/" + id).json().path("num_lines").asInt()).isEqualTo(1);
        assertThat(client.get("/v1/files").json().path("total").asInt()).isEqualTo(1);
    }

    @Test
    void live_errors_have_no_wrapper() throws Exception {
        Client.Got got = client.post("/v1/chat/completions", "{}");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.json().path("object").asString()).isEqualTo("error");
    }
}
