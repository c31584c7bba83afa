package dev.batchwright.provider.together;

import dev.batchwright.http.Body;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;
import dev.batchwright.provider.openai.ApiObject;
import dev.batchwright.provider.openai.BatchCalls;
import dev.batchwright.provider.openai.InputLines;
import dev.batchwright.provider.openai.Oldest;
import dev.batchwright.provider.openai.RowReader;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Together's batch jobs. An upload takes three calls: one that answers with a signed address, one
 * that puts the file there, without our key, and one that says it is done. A job carries nothing of
 * ours, so it is known by its input file, of which there is one for each tag.
 */
public final class TogetherBatch implements BatchApi {
    private static final String FILES = "/v1/files";
    private static final String BATCHES = "/v1/batches";
    private static final Set<String> ENDPOINTS = Set.of("/v1/chat/completions", "/v1/completions");
    private static final Duration WINDOW = Duration.ofHours(24);
    private static final Duration LAG = Duration.ofMinutes(10);

    private final BatchCalls calls;
    private final InputLines lines = InputLines.bare();
    private final RowReader rows;

    public TogetherBatch(BatchCalls calls) {
        this.calls = calls;
        this.rows = calls.rows();
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (!ENDPOINTS.contains(endpoint)) {
            return new BatchOffer.NotOffered(
                    "together takes no %s in batches, only %s"
                            .formatted(
                                    endpoint,
                                    String.join(", ", ENDPOINTS.stream().sorted().toList())));
        }
        return new BatchOffer.Offered(
                50_000, 100_000_000, true, true, false, OptionalLong.empty(), 100, WINDOW, LAG);
    }

    @Override
    public long size(Request request) {
        return lines.size(request);
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        lines.write(requests, out);
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException {
        BatchAnswer<BatchCalls.Elsewhere> asked =
                calls.elsewhere(
                        FILES,
                        "purpose=batch-api&file_type=jsonl&file_name=%s.jsonl"
                                .formatted(BatchApi.displayName(order.tag())),
                        "X-Together-File-Id");
        if (!(asked instanceof Given<BatchCalls.Elsewhere>(var place))) {
            return BatchCalls.missesNothing(BatchCalls.failed(asked));
        }
        BatchAnswer<String> put = calls.put(place.address(), input, place.id());
        if (!(put instanceof Given<String>)) {
            return BatchCalls.missesNothing(put);
        }
        return BatchCalls.missesNothing(
                calls.post(
                        FILES + "/" + BatchCalls.segment(place.id()) + "/preprocess",
                        answer -> Optional.of(place.id())));
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        if (!(input instanceof BatchInput.Uploaded(var file))) {
            return calls.refused(
                    "upload_needed", "A batch of together is made of an uploaded file.");
        }
        if (!order.window().equals(WINDOW)) {
            return calls.refused(
                    "completion_window_unsupported",
                    "together takes a completion window of 24h only. Nothing was sent.");
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("input_file_id", file);
        body.put("endpoint", order.endpoint());
        body.put("completion_window", "24h");
        return BatchCalls.maybeTooEarly(
                calls.post(
                        BATCHES,
                        RawJson.of(body.toString()),
                        answer -> job(answer.has("job") ? answer.at("job") : answer)));
    }

    private static Optional<RemoteBatch> job(ApiObject job) {
        return job.text("id")
                .filter(id -> job.text("status").isPresent())
                .map(
                        id ->
                                new RemoteBatch(
                                        id,
                                        job.text("endpoint"),
                                        phase(job, job.text("status").orElse("")),
                                        // It tells a percentage alone.
                                        Counts.NONE,
                                        job.time("job_deadline")));
    }

    private static Phase phase(ApiObject job, String status) {
        return switch (status.toUpperCase(Locale.ROOT)) {
            case "COMPLETED" -> ended(job, new End.Completed());
            case "EXPIRED" -> ended(job, new End.Expired());
            case "CANCELLED", "CANCELED" -> ended(job, new End.Cancelled());
            case "FAILED" ->
                    ended(
                            job,
                            new End.Failed(
                                    new ItemError(
                                            "batch_failed",
                                            job.text("error")
                                                    .orElse(
                                                            "The batch failed, and together gave no"
                                                                    + " reason."))));
            default -> new Phase.Running(status, List.of());
        };
    }

    private static Phase ended(ApiObject job, End end) {
        return new Phase.Ended(
                end,
                Stream.of("output", "error")
                        .flatMap(
                                kind ->
                                        job.text(kind + "_file_id").stream()
                                                .map(id -> new ResultFile(kind + ":" + id)))
                        .toList());
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        // All of them at once: there are no pages.
        BatchAnswer<ApiObject> answer = calls.get(BATCHES, Optional::of);
        if (!(answer instanceof Given<ApiObject>(var list))) {
            return BatchCalls.provesNothing(answer);
        }
        var ours = new Oldest();
        List<ApiObject> jobs =
                list.elements().isEmpty() ? list.at("data").elements() : list.elements();
        if (input instanceof BatchInput.Uploaded(var file)) {
            jobs.stream()
                    .filter(job -> job.text("input_file_id").filter(file::equals).isPresent())
                    .forEach(ours::add);
        }
        return new Given<>(
                ours.batch()
                        .flatMap(TogetherBatch::job)
                        .<Search>map(Search.Found::new)
                        .orElseGet(Search.NotShown::new));
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        return calls.get(BATCHES + "/" + BatchCalls.segment(batchId), TogetherBatch::job);
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        BatchAnswer<RemoteBatch> answer =
                calls.post(
                        BATCHES + "/" + BatchCalls.segment(batchId) + "/cancel",
                        TogetherBatch::job);
        return answer instanceof Refused<RemoteBatch> ? poll(batchId) : answer;
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        String id = file.reference().substring(file.reference().indexOf(':') + 1);
        return calls.download(FILES + "/" + BatchCalls.segment(id) + "/content", from, out);
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return rows.read(endpoint, line, offset, length);
    }
}
