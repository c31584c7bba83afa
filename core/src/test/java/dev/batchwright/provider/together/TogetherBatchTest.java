package dev.batchwright.provider.together;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Missing;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.openai.ScriptedApi;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

@Timeout(30)
class TogetherBatchTest {
    static final String CHAT = "/v1/chat/completions";
    static final BatchInput FILE = new BatchInput.Uploaded("file-1");
    static final BatchOrder ORDER =
            new BatchOrder(
                    new BatchTag("bw0123456789abcd"), CHAT, "m", 2, Duration.ofHours(24), Map.of());

    ScriptedApi api;
    TogetherBatch batch;

    @BeforeEach
    void open() throws IOException {
        api = new ScriptedApi();
        batch = new TogetherBatch(api.provider("together", "/v1").calls());
    }

    @AfterEach
    void close() throws IOException {
        api.close();
    }

    static String job(String id, String status, String more) {
        return "{'id':'%s','input_file_id':'file-1','status':'%s','job_deadline':'2026-09-03T10:00:00.5Z','created_at':'2026-09-02T10:00:00Z','endpoint':'/v1/chat/completions','progress':50%s}"
                .formatted(id, status, more);
    }

    @Test
    void an_upload_goes_to_a_signed_address_without_the_key() throws Exception {
        try (var storage = new ScriptedApi()) {
            storage.on("PUT /bucket?sig=s", 200, "");
            api.on(
                            "POST /v1/files",
                            302,
                            "",
                            "Location: " + storage.origin() + "/bucket?sig=s",
                            "X-Together-File-Id: file-1")
                    .on("POST /v1/files/file-1/preprocess", 200, "{'id':'file-1'}");

            assertThat(batch.upload(ORDER, Body.json(RawJson.of("{\"l\":1}"))))
                    .isEqualTo(new Given<>("file-1"));
            assertThat(api.sent("POST /v1/files"))
                    .isEqualTo(
                            "purpose=batch-api&file_type=jsonl&file_name=batchwright-bw0123456789abcd.jsonl");
            var put = storage.received().remove();
            assertThat(put.body()).isEqualTo("{\"l\":1}");
            assertThat(put.header("authorization")).isEmpty();
        }
    }

    @Test
    void an_upload_that_is_told_no_address_proves_nothing() throws Exception {
        api.on("POST /v1/files", 302, "", "Location: /here");
        assertThat(batch.upload(ORDER, Body.none())).isInstanceOf(Unknown.class);
    }

    @Test
    void an_upload_with_a_bad_key_blocks() throws Exception {
        api.on("POST /v1/files", 401, "{'error':{'message':'m','code':'invalid_api_key'}}");
        assertThat(batch.upload(ORDER, Body.none())).isInstanceOf(Blocked.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {"{'job':%s,'warning':null}", "%s"})
    void a_created_job_may_be_wrapped(String form) throws Exception {
        api.on("POST /v1/batches", 201, form.formatted(job("j1", "VALIDATING", "")));

        assertThat(batch.create(ORDER, FILE))
                .isEqualTo(
                        new Given<>(
                                new RemoteBatch(
                                        "j1",
                                        Optional.of(CHAT),
                                        new Phase.Running("VALIDATING", List.of()),
                                        Counts.NONE,
                                        Optional.of(Instant.parse("2026-09-03T10:00:00.5Z")))));
    }

    @ParameterizedTest
    @CsvSource({
        "COMPLETED, Completed[]",
        "EXPIRED, Expired[]",
        "CANCELLED, Cancelled[]",
        "canceled, Cancelled[]"
    })
    void ends(String status, String end) throws Exception {
        api.on("GET /v1/batches/j1", 200, job("j1", status, ",'output_file_id':'o'"));
        assertThat(batch.poll("j1").toString()).contains("end=" + end, "output:o");
    }

    @ParameterizedTest
    @CsvSource({"VALIDATING", "IN_PROGRESS", "CANCELING", "NEVER_HEARD_OF"})
    void runs(String status) throws Exception {
        api.on("GET /v1/batches/j1", 200, job("j1", status, ""));
        assertThat(batch.poll("j1").toString()).contains("Running[status=" + status);
    }

    @Test
    void a_file_that_was_never_checked_fails_the_job() throws Exception {
        api.on(
                "GET /v1/batches/j1",
                200,
                job("j1", "FAILED", ",'error':'Failed to download input file: x'"));
        assertThat(batch.poll("j1").toString())
                .contains(
                        new End.Failed(
                                        new ItemError(
                                                "batch_failed", "Failed to download input file: x"))
                                .toString());
    }

    @Test
    void a_job_that_is_not_there_is_missing() throws Exception {
        api.on("GET /v1/batches/j1", 404, "{'error':'Job not found','request_id':'r'}");
        assertThat(batch.poll("j1"))
                .isEqualTo(new Missing<>(new ItemError("http_404", "Job not found")));
    }

    @Test
    void what_has_ended_is_told_as_it_is() throws Exception {
        api.on(
                        "POST /v1/batches/j1/cancel",
                        409,
                        "{'error':'Cannot cancel job - already in terminal state: CANCELLED'}")
                .on("GET /v1/batches/j1", 200, job("j1", "CANCELLED", ""));
        assertThat(batch.cancel("j1").toString()).contains("Cancelled[]");
    }

    @Test
    void a_job_is_found_in_the_bare_list_by_its_file() throws Exception {
        api.on(
                "GET /v1/batches",
                200,
                "[%s,%s]"
                        .formatted(
                                job("j2", "IN_PROGRESS", ""),
                                job("j1", "IN_PROGRESS", "")
                                        .replace("2026-09-02T10", "2026-09-02T09")));
        assertThat(batch.find(ORDER, FILE, Instant.EPOCH).toString()).contains("id=j1");
        assertThat(batch.find(ORDER, new BatchInput.Uploaded("other"), Instant.EPOCH))
                .isEqualTo(new Given<>(new Search.NotShown()));
    }

    @Test
    void another_window_than_a_day_is_refused() throws Exception {
        var week = new BatchOrder(ORDER.tag(), CHAT, "m", 2, Duration.ofDays(7), ORDER.metadata());
        assertThat(batch.create(week, FILE)).isInstanceOf(Refused.class);
    }

    @Test
    void rows_need_no_error_and_no_response() {
        assertThat(
                        read(
                                "{'id':'br','custom_id':'bw1','response':{'status_code':200,'body':{'choices':[]}}}"))
                .isInstanceOf(ResultRow.Succeeded.class);
        assertThat(
                        read(
                                "{'id':'br','custom_id':'bw1','error':{'code':'batch_client_error','message':'m'}}"))
                .isInstanceOf(ResultRow.Failed.class);
    }

    ResultRow read(String row) {
        byte[] line = row.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return batch.read(CHAT, line, 0, line.length);
    }
}
