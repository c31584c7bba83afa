package dev.batchwright.simulator.fireworks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Fireworks' jobs, between a dataset and a dataset. */
@Timeout(60)
class JobsTest {
    private static final String HERE = "/v1/accounts/simulator";
    private static final String JOBS = HERE + "/batchInferenceJobs";

    private final SettableClock clock = new SettableClock();
    private final Simulator simulator =
            Simulator.start(
                    SimulatorOptions.builder()
                            .provider("fireworks")
                            .eventLoops(1)
                            .clock(clock)
                            .key("k")
                            .validationTime("1m")
                            .batchTime("100m")
                            .build());
    private final Client client = new Client(simulator);

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private Client.Got get(String path) throws IOException, InterruptedException {
        return client.get(path, "authorization", "Bearer k");
    }

    private Client.Got post(String path, String body) throws IOException, InterruptedException {
        return client.post(path, body, "authorization", "Bearer k");
    }

    private static String line(String id, String more) {
        return "{\"custom_id\":\"%s\",\"body\":{%s\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}}\n"
                .formatted(id, more);
    }

    private Client.Got dataset(String id) throws IOException, InterruptedException {
        return post(
                HERE + "/datasets",
                "{\"datasetId\":\"%s\",\"dataset\":{\"userUploaded\":{},\"exampleCount\":\"1\"}}"
                        .formatted(id));
    }

    private void fill(String id, String content) throws IOException, InterruptedException {
        String form =
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"i.jsonl\"\r\n\r\n"
                        + content
                        + "\r\n--b--\r\n";
        Client.Got got =
                client.post(
                        HERE + "/datasets/" + id + ":upload",
                        form,
                        "authorization",
                        "Bearer k",
                        "content-type",
                        "multipart/form-data; boundary=b");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
    }

    private Client.Got create() throws IOException, InterruptedException {
        return post(
                JOBS + "?batchInferenceJobId=j1",
                "{\"model\":\"llama\",\"inputDatasetId\":\"accounts/simulator/datasets/in\",\"outputDatasetId\":\"accounts/simulator/datasets/out\"}");
    }

    private void created(String content) throws IOException, InterruptedException {
        dataset("in");
        fill("in", content);
        Client.Got got = create();
        assertThat(got.status()).as(got.body()).isEqualTo(200);
    }

    private JsonNode job() throws IOException, InterruptedException {
        return get(JOBS + "/j1").json();
    }

    @Test
    void a_dataset_is_ready_once_it_is_filled() throws Exception {
        assertThat(dataset("in").json().path("state").asString()).isEqualTo("UPLOADING");
        assertThat(dataset("in").status()).isEqualTo(409);
        fill("in", line("a", ""));
        assertThat(get(HERE + "/datasets/in").json().path("state").asString()).isEqualTo("READY");
    }

    @Test
    void a_dataset_must_say_how_many_rows_it_has() throws Exception {
        assertThat(post(HERE + "/datasets", "{\"datasetId\":\"in\",\"dataset\":{}}").body())
                .contains("example_count is required");
    }

    @Test
    void a_job_has_the_name_that_it_was_given_and_only_once() throws Exception {
        created(line("a", ""));
        assertThat(job().path("name").asString())
                .isEqualTo("accounts/simulator/batchInferenceJobs/j1");
        assertThat(create().status()).isEqualTo(409);
        assertThat(get(JOBS + "/j2").status()).isEqualTo(404);
    }

    @Test
    void results_and_errors_are_files_behind_signed_addresses() throws Exception {
        created(line("a", "") + line("b", ""));
        assertThat(job().path("state").asString()).isEqualTo("JOB_STATE_VALIDATING");
        clock.advance(Duration.ofMinutes(52));
        assertThat(job().path("state").asString()).isEqualTo("JOB_STATE_RUNNING");
        assertThat(get(HERE + "/datasets/out:getDownloadEndpoint").status()).isEqualTo(404);
        clock.advance(Duration.ofHours(2));
        assertThat(job().at("/jobProgress/successfullyProcessedRequests").asInt()).isEqualTo(2);
        JsonNode files =
                get(HERE + "/datasets/out:getDownloadEndpoint").json().path("filenameToSignedUrls");
        assertThat(files.propertyNames())
                .containsExactlyInAnyOrder(
                        "dataset/out/BIJOutputSet.jsonl", "dataset/out/error-data");
        assertThat(content(files.path("dataset/out/error-data").asString())).isEmpty();
        assertThat(content(files.path("dataset/out/BIJOutputSet.jsonl").asString()))
                .startsWith("{\"custom_id\": \"a\", \"response\": {\"id\"")
                .contains("\"choices\"")
                .doesNotContain("status_code");
    }

    private static String content(String address) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(address)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void one_wrong_row_fails_the_job_and_the_line_it_names_is_another() throws Exception {
        created(line("a", "") + line("b", "\"temperature\":9,"));
        clock.advance(Duration.ofHours(3));
        assertThat(job().path("state").asString()).isEqualTo("JOB_STATE_FAILED");
        assertThat(job().at("/status/code").asString()).isEqualTo("INVALID_ARGUMENT");
        assertThat(job().at("/status/message").asString()).endsWith("input2.jsonl:1");
    }

    @Test
    void the_model_is_the_jobs_and_not_the_lines() throws Exception {
        created(line("a", "\"model\":\"llama\","));
        clock.advance(Duration.ofHours(3));
        assertThat(job().path("state").asString()).isEqualTo("JOB_STATE_FAILED");
    }

    @Test
    void a_deleted_job_is_seen_once_more_and_leaves_nothing() throws Exception {
        created(line("a", "") + line("b", ""));
        clock.advance(Duration.ofMinutes(52));
        assertThat(client.send("DELETE", JOBS + "/j1", "authorization", "Bearer k").status())
                .isEqualTo(200);
        assertThat(job().path("state").asString()).isEqualTo("JOB_STATE_DELETING_CLEANING_UP");
        assertThat(get(JOBS + "/j1").status()).isEqualTo(404);
        clock.advance(Duration.ofHours(3));
        assertThat(get(HERE + "/datasets/out:getDownloadEndpoint").status()).isEqualTo(404);
    }

    @Test
    void a_wrong_key_is_forbidden() throws Exception {
        Client.Got got = client.get("/v1/accounts");
        assertThat(got.status()).isEqualTo(403);
        assertThat(got.error().path("code").asString()).isEqualTo("UNAUTHORIZED");
    }
}
