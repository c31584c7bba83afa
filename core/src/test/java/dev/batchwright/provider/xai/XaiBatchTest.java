package dev.batchwright.provider.xai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Failed;
import dev.batchwright.provider.ResultRow.Succeeded;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.openai.ScriptedApi;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

@Timeout(30)
class XaiBatchTest {
    static final String CHAT = "/v1/chat/completions";
    static final BatchInput FILE = new BatchInput.Uploaded("file_1");

    ScriptedApi api;
    XaiBatch batch;

    @BeforeEach
    void open() throws IOException {
        api = new ScriptedApi();
        batch = new XaiBatch(api.provider("xai", "/v1").calls());
    }

    @AfterEach
    void close() throws IOException {
        api.close();
    }

    static BatchOrder order(Duration window) {
        return new BatchOrder(new BatchTag("bw0123456789abcd"), CHAT, "m", 2, window, Map.of());
    }

    static BatchOrder order() {
        return order(Duration.ofDays(30));
    }

    static String object(String counters, String cancelTime, String message) {
        String[] n = counters.split("/", -1);
        return "{'batch_id':'b1','name':'batchwright-bw0123456789abcd','create_time':'2026-08-28T10:00:00Z','expire_time':'2026-09-27T10:00:00Z','cancel_time':%s,'cancel_by_xai_message':%s,'state':{'num_requests':%s,'num_pending':%s,'num_success':%s,'num_error':%s,'num_cancelled':0}}"
                .formatted(cancelTime, message, n[0], n[1], n[2], n[3]);
    }

    @Test
    void takes_chat_completions_alone_since_it_answers_with_nothing_else() {
        assertThat(batch.offer(CHAT, "m")).isInstanceOf(BatchOffer.Offered.class);
        assertThat(batch.offer("/v1/responses", "m")).isInstanceOf(BatchOffer.NotOffered.class);
    }

    @Test
    void is_created_under_the_name_of_the_tag() throws Exception {
        api.on("POST /v1/batches", 200, object("0/0/0/0", "null", "null"));

        assertThat(batch.create(order(), FILE).toString()).contains("id=b1", "validating");
        assertThat(api.sent("POST /v1/batches"))
                .isEqualTo(
                        "{\"name\":\"batchwright-bw0123456789abcd\",\"input_file_id\":\"file_1\"}");
    }

    @Test
    void takes_no_window() throws Exception {
        assertThat(batch.create(order(Duration.ofHours(24)), FILE)).isInstanceOf(Refused.class);
        assertThat(api.received()).isEmpty();
    }

    @Test
    void a_bad_key_is_a_400_with_a_plain_text() throws Exception {
        api.on(
                "POST /v1/batches",
                400,
                "{'code':'Client specified an invalid argument','error':'Incorrect API key"
                        + " provided. x'}");
        assertThat(batch.create(order(), FILE)).isInstanceOf(Blocked.class);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "0/0/0/0, null, null, Running[status=validating",
                "5/3/2/0, null, null, Running[status=in_progress",
                "5/3/2/0, '2026-08-28T11:00:00Z', null, Running[status=cancelling",
                "5/0/4/1, null, null, Ended[end=Completed[]",
                "5/0/2/0, '2026-08-28T11:00:00Z', null, Ended[end=Cancelled[]",
                "0/0/0/0, '2026-08-28T11:00:00Z', null, Ended[end=Cancelled[]",
                "0/0/0/0, null, 'JSONL file validation failed: line 2: bad',"
                        + " Ended[end=Invalid[problems=[InputProblem[line=Optional[2]",
                "0/0/0/0, null, 'Model x is not supported for batch processing.',"
                        + " Ended[end=NotOffered",
                "0/0/0/0, null, 'something else', Ended[end=Failed",
            })
    void the_counters_tell_how_far_it_is(
            String counters, String cancelTime, String message, String phase) throws Exception {
        api.on("GET /v1/batches/b1", 200, object(counters, cancelTime, message));
        assertThat(batch.poll("b1").toString()).contains(phase);
    }

    @Test
    void is_found_by_its_name_through_every_page() throws Exception {
        api.on(
                        "GET /v1/batches?limit=100",
                        200,
                        "{'batches':[{'batch_id':'b9','name':'x'}],'pagination_token':'t/1'}")
                .on(
                        "GET /v1/batches?limit=100&pagination_token=t%2F1",
                        200,
                        "{'batches':[%s],'pagination_token':null}"
                                .formatted(object("5/3/2/0", "null", "null")));
        assertThat(batch.find(order(), FILE, Instant.EPOCH).toString()).contains("id=b1");
    }

    @Test
    void is_not_shown_only_at_the_end_of_the_list() throws Exception {
        api.on("GET /v1/batches?limit=100", 200, "{'batches':[]}");
        assertThat(batch.find(order(), FILE, Instant.EPOCH))
                .isEqualTo(new Given<>(new Search.NotShown()));
    }

    @Test
    void a_list_without_any_batch_may_leave_them_out() throws Exception {
        api.on("GET /v1/batches?limit=100", 200, "{'pagination_token':null}");
        assertThat(batch.find(order(), FILE, Instant.EPOCH))
                .isEqualTo(new Given<>(new Search.NotShown()));
    }

    @Test
    void a_list_of_another_form_proves_nothing() throws Exception {
        api.on("GET /v1/batches?limit=100", 200, "{'data':[],'pagination_token':null}");
        assertThat(batch.find(order(), FILE, Instant.EPOCH)).isInstanceOf(Unknown.class);
    }

    @Test
    void a_list_in_circles_proves_nothing() throws Exception {
        api.on("GET /v1/batches?limit=100", 200, "{'batches':[],'pagination_token':'t'}")
                .on(
                        "GET /v1/batches?limit=100&pagination_token=t",
                        200,
                        "{'batches':[],'pagination_token':'t'}");
        assertThat(batch.find(order(), FILE, Instant.EPOCH)).isInstanceOf(Unknown.class);
    }

    @Test
    void is_cancelled_with_a_colon() throws Exception {
        api.on(
                "POST /v1/batches/b1:cancel",
                200,
                object("5/3/2/0", "'2026-08-28T11:00:00Z'", "null"));
        assertThat(batch.cancel("b1").toString()).contains("cancelling");
    }

    @Test
    void pages_of_results_become_lines() throws Exception {
        String row = "{'batch_request_id':'r1','batch_result':{'error':'no'}}";
        api.on(
                        "GET /v1/batches/b1/results?limit=100",
                        200,
                        "{'pagination_token':'t','results':[%s,\n %s]}".formatted(row, row))
                .on(
                        "GET /v1/batches/b1/results?limit=100&pagination_token=t",
                        200,
                        "{'results':[%s],'pagination_token':null}".formatted(row));
        var out = new ByteArrayOutputStream();
        var answer = batch.download(new ResultFile("results:b1"), 0, out);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo((row + "\n").repeat(3).replace('\'', '"'));
        assertThat(answer).isEqualTo(new Given<>((long) out.size()));
    }

    ResultRow read(String row) {
        byte[] line = row.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return batch.read(CHAT, line, 0, line.length);
    }

    @Test
    void a_good_row_counts_its_reasoning_too() {
        assertThat(
                        read(
                                "{'batch_request_id':'r1','batch_result':{'response':{'chat_get_completion':{'choices':[],'usage':{'prompt_tokens':10,'completion_tokens':5,'total_tokens':22,'completion_tokens_details':{'reasoning_tokens':7}}}}}}"))
                .isInstanceOfSatisfying(
                        Succeeded.class,
                        row -> assertThat(row.usage()).isEqualTo(new Usage(10, 0, 12)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'batch_request_id':'r1','batch_result':{'error':'some words'}}",
                "{'batch_request_id':'r1','batch_result':{'response':{'chat_get_completion':{'id':'x'}}}}",
                "{'batch_request_id':'r1','batch_result':null}"
            })
    void a_row_without_choices_has_failed(String row) {
        assertThat(read(row)).isInstanceOf(Failed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{'batch_request_id':'r1'", "x"})
    void other_lines_are_unreadable(String row) {
        assertThat(read(row)).isInstanceOf(ResultRow.Unreadable.class);
    }

    @Test
    void a_blank_line_is_blank() {
        assertThat(read(" ")).isEqualTo(new ResultRow.Blank());
    }
}
