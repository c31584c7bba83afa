package dev.batchwright.provider.mistral;

import dev.batchwright.http.Body;
import dev.batchwright.http.MultipartBody;
import dev.batchwright.http.MultipartBody.Field;
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
import dev.batchwright.provider.openai.BatchMetadata;
import dev.batchwright.provider.openai.InputLines;
import dev.batchwright.provider.openai.Oldest;
import dev.batchwright.provider.openai.RowReader;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Mistral's batch jobs. The upload checks every line, so a bad one is known before a job is made.
 *
 * <p>A job of ours is known by its tag in the metadata. The list is first asked for that tag alone,
 * which takes one call where there are many jobs. But a filter that is understood in another way
 * than meant shows nothing, and nothing would be taken for a proof: what it does not show is looked
 * for among all that was created since.
 */
final class MistralBatch implements BatchApi {
    private static final String FILES = "/v1/files";
    private static final String JOBS = "/v1/batch/jobs";
    private static final Set<String> ENDPOINTS =
            Set.of(
                    "/v1/chat/completions",
                    "/v1/embeddings",
                    "/v1/fim/completions",
                    "/v1/moderations",
                    "/v1/chat/moderations",
                    "/v1/ocr",
                    "/v1/classifications",
                    "/v1/chat/classifications",
                    "/v1/conversations",
                    "/v1/audio/transcriptions");
    // A workspace may have a million requests waiting, over all its jobs.
    private static final int REQUESTS = 100_000;
    private static final int AT_ONCE = 10;
    private static final long BYTES = 512_000_000;
    private static final long LONGEST_HOURS = 168;
    private static final Duration LAG = Duration.ofMinutes(10);
    private static final Duration SKEW = Duration.ofMinutes(15);
    private static final int PAGE = 100;
    private static final BatchMetadata METADATA = new BatchMetadata(16, 32, 512);

    private final BatchCalls calls;
    private final InputLines lines = InputLines.bare(MistralWords::translated);
    private final RowReader rows;

    MistralBatch(BatchCalls calls) {
        this.calls = calls;
        this.rows = calls.rows();
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (!ENDPOINTS.contains(endpoint)) {
            return new BatchOffer.NotOffered("mistral takes no %s in batches".formatted(endpoint));
        }
        return new BatchOffer.Offered(
                REQUESTS,
                BYTES,
                true,
                true,
                false,
                OptionalLong.empty(),
                AT_ONCE,
                Duration.ofHours(24),
                LAG);
    }

    @Override
    public long size(Request request) {
        return lines.size(request) + MistralWords.GROWTH;
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        lines.write(requests, out);
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException {
        var form =
                new MultipartBody(
                        List.of(new Field("purpose", "batch")),
                        "file",
                        BatchApi.displayName(order.tag()) + ".jsonl",
                        input);
        return BatchCalls.missesNothing(calls.upload(FILES, form, file -> file.text("id")));
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        if (!(input instanceof BatchInput.Uploaded(var file))) {
            return calls.refused("upload_needed", "A job of mistral is made of an uploaded file.");
        }
        long hours = order.window().toHours();
        if (!order.window().equals(Duration.ofHours(hours)) || hours < 1 || hours > LONGEST_HOURS) {
            return calls.refused(
                    "completion_window_unsupported",
                    "mistral takes a completion window of 1h to %dh, in whole hours. Nothing was sent."
                            .formatted(LONGEST_HOURS));
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putArray("input_files").add(file);
        body.put("endpoint", order.endpoint());
        if (!order.model().isEmpty()) {
            body.put("model", order.model());
        }
        body.put("timeout_hours", hours);
        ObjectNode metadata = body.putObject("metadata");
        METADATA.of(order, "").forEach(metadata::put);
        return BatchCalls.maybeTooEarly(
                calls.post(JOBS, RawJson.of(body.toString()), MistralBatch::job));
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
                                        new Counts(
                                                job.count("total_requests"),
                                                job.count("succeeded_requests"),
                                                job.count("failed_requests")),
                                        Optional.empty()));
    }

    private static Phase phase(ApiObject job, String status) {
        return switch (status.toUpperCase(Locale.ROOT)) {
            case "SUCCESS" -> ended(job, new End.Completed());
            case "TIMEOUT_EXCEEDED" -> ended(job, new End.Expired());
            case "CANCELLED", "CANCELED" -> ended(job, new End.Cancelled());
            case "FAILED" -> ended(job, new End.Failed(firstError(job)));
            default -> new Phase.Running(status, List.of());
        };
    }

    private static Phase ended(ApiObject job, End end) {
        return new Phase.Ended(
                end,
                Stream.of("output", "error")
                        .flatMap(
                                kind ->
                                        job.text(kind + "_file").stream()
                                                .map(id -> new ResultFile(kind + ":" + id)))
                        .toList());
    }

    private static ItemError firstError(ApiObject job) {
        return new ItemError(
                "batch_failed",
                job.at("errors").elements().stream()
                        .flatMap(error -> error.text("message").stream())
                        .findFirst()
                        .orElse("The job failed, and mistral gave no reason."));
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        Instant back = since.minus(SKEW).truncatedTo(ChronoUnit.SECONDS);
        Optional<RemoteBatch> shown = shown(order, input, back);
        if (shown.isPresent()) {
            return new Given<>(new Search.Found(shown.get()));
        }
        var ours = new Oldest();
        long total = Long.MAX_VALUE;
        for (long page = 0; page * PAGE < total; page++) {
            BatchAnswer<ApiObject> answer = calls.get(list(page, back), Optional::of);
            if (!(answer instanceof Given<ApiObject>(var list))) {
                return BatchCalls.provesNothing(answer);
            }
            List<ApiObject> jobs = list.at("data").elements();
            jobs.stream().filter(job -> isOurs(job, order, input)).forEach(ours::add);
            total = jobs.isEmpty() ? 0 : list.number("total").orElse(Long.MAX_VALUE);
        }
        return new Given<>(
                ours.batch()
                        .flatMap(MistralBatch::job)
                        .<Search>map(Search.Found::new)
                        .orElseGet(Search.NotShown::new));
    }

    private static String list(long page, Instant since) {
        return JOBS
                + "?page=%d&page_size=%d&order_by=-created&created_after=%s"
                        .formatted(page, PAGE, BatchCalls.segment(since.toString()));
    }

    /** The job that the list shows for its tag; only where it shows no others with it. */
    private Optional<RemoteBatch> shown(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        ObjectNode tag = JsonNodeFactory.instance.objectNode();
        tag.put(BatchMetadata.TAG, order.tag().value());
        BatchAnswer<ApiObject> answer =
                calls.get(
                        list(0, since) + "&metadata=" + BatchCalls.segment(tag.toString()),
                        Optional::of);
        if (!(answer instanceof Given<ApiObject>(var list))) {
            return Optional.empty();
        }
        List<ApiObject> jobs = list.at("data").elements();
        if (!jobs.stream().allMatch(job -> isOurs(job, order, input))) {
            return Optional.empty();
        }
        var oldest = new Oldest();
        jobs.forEach(oldest::add);
        return oldest.batch().flatMap(MistralBatch::job);
    }

    private static boolean isOurs(ApiObject job, BatchOrder order, BatchInput input) {
        Optional<String> tag = job.at("metadata").text(BatchMetadata.TAG);
        if (tag.isPresent()) {
            return tag.get().equals(order.tag().value());
        }
        return input instanceof BatchInput.Uploaded(var file)
                && job.at("input_files")
                        .node()
                        .valueStream()
                        .anyMatch(id -> id.isString() && id.asString().equals(file));
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        return calls.get(JOBS + "/" + BatchCalls.segment(batchId), MistralBatch::job);
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        BatchAnswer<RemoteBatch> answer =
                calls.post(JOBS + "/" + BatchCalls.segment(batchId) + "/cancel", MistralBatch::job);
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
