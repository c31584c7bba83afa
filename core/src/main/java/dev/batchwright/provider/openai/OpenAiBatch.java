package dev.batchwright.provider.openai;

import dev.batchwright.http.Body;
import dev.batchwright.http.MultipartBody;
import dev.batchwright.http.MultipartBody.Field;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Refused;
import dev.batchwright.provider.BatchAnswer.Unknown;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Batches as OpenAI has them: a file of lines is uploaded, a batch is made of it, and its results
 * are in two files. What tells one member of the family from another is in its {@link
 * BatchTerms.Files}.
 *
 * <p>A batch of ours is known by its tag in the metadata. A server that forgets metadata still
 * tells which file a batch was made of, and each file of ours has one batch.
 */
final class OpenAiBatch implements BatchApi {
    private static final String FILES = "/v1/files";
    private static final String BATCHES = "/v1/batches";
    private static final int AT_ONCE = 100;
    private static final Duration LAG = Duration.ofMinutes(10);
    // Clocks differ, and so do the ways to round a time.
    private static final Duration SKEW = Duration.ofMinutes(15);
    private final BatchCalls calls;
    private final BatchTerms.Files terms;
    private final InputLines lines;
    private final RowReader rows;

    OpenAiBatch(BatchCalls calls, BatchTerms.Files terms) {
        this.calls = calls;
        this.terms = terms;
        this.lines = InputLines.withUrl(this::url);
        this.rows = calls.rows();
    }

    // Azure's older surface, which has no /v1 in its address, has none in its lines either.
    private String url(String endpoint) {
        return calls.baseUrl().isBareAzure() ? endpoint.replaceFirst("^/v1(?=/)", "") : endpoint;
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (!terms.endpoints().isEmpty() && !terms.endpoints().contains(endpoint)) {
            return new BatchOffer.NotOffered(
                    "%s takes no %s in batches, only %s"
                            .formatted(
                                    calls.provider(),
                                    endpoint,
                                    String.join(
                                            ", ", terms.endpoints().stream().sorted().toList())));
        }
        return new BatchOffer.Offered(
                terms.requests(),
                terms.bytes(),
                true,
                true,
                terms.partial(),
                OptionalLong.empty(),
                AT_ONCE,
                BatchTerms.DAY,
                LAG,
                endpoint.equals(BatchTerms.EMBEDDINGS) ? terms.inputs() : OptionalLong.empty());
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
            return calls.refused(
                    "upload_needed",
                    "%s makes a batch of an uploaded file only.".formatted(calls.provider()));
        }
        if (order.window().compareTo(terms.shortest()) < 0
                || order.window().compareTo(terms.longest()) > 0) {
            return calls.refused(
                    "completion_window_unsupported",
                    "%s takes a completion window of %s, not of %s. Nothing was sent."
                            .formatted(
                                    calls.provider(),
                                    terms.shortest().equals(terms.longest())
                                            ? text(terms.shortest()) + " only"
                                            : text(terms.shortest())
                                                    + " to "
                                                    + text(terms.longest()),
                                    text(order.window())));
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("input_file_id", file);
        body.put("endpoint", url(order.endpoint()));
        body.put("completion_window", text(order.window()));
        ObjectNode metadata = body.putObject("metadata");
        BatchMetadata.OPENAI.of(order, terms.reserved()).forEach(metadata::put);
        return BatchCalls.maybeTooEarly(
                calls.post(BATCHES, RawJson.of(body.toString()), this::batch));
    }

    // 24h, 7d, 90m.
    private static String text(Duration window) {
        if (window.toSeconds() % 3600 != 0) {
            return window.toMinutes() + "m";
        }
        long hours = window.toHours();
        return hours > 24 && hours % 24 == 0 ? hours / 24 + "d" : hours + "h";
    }

    private Optional<RemoteBatch> batch(ApiObject answer) {
        return new BatchObject(answer, calls::accountProblem, terms.partial()).read();
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        var walk = new ListWalk(since.minus(SKEW));
        var candidates = new Oldest();
        while (walk.goesOn()) {
            BatchAnswer<ApiObject> page = calls.get(BATCHES + walk.query(), Optional::of);
            if (!(page instanceof Given<ApiObject>(var list))) {
                return BatchCalls.provesNothing(page);
            }
            List<ApiObject> batches = elements(list);
            for (ApiObject batch : batches) {
                if (isOurs(batch, order, input)) {
                    candidates.add(batch);
                }
            }
            walk.take(list, batches);
        }
        if (walk.isStuck()) {
            return new Unknown<>(
                    new ItemError(
                            "list_incomplete",
                            "%s does not show all of its batches, so it can't be told whether this one is there."
                                    .formatted(calls.provider())),
                    Optional.empty());
        }
        return new Given<>(
                candidates
                        .batch()
                        .flatMap(this::batch)
                        .<Search>map(Search.Found::new)
                        .orElseGet(Search.NotShown::new));
    }

    private static List<ApiObject> elements(ApiObject list) {
        List<ApiObject> bare = list.elements();
        if (!bare.isEmpty()) {
            return bare;
        }
        return list.has("data") ? list.at("data").elements() : list.at("value").elements();
    }

    private static boolean isOurs(ApiObject batch, BatchOrder order, BatchInput input) {
        Optional<String> tag = batch.at("metadata").text(BatchMetadata.TAG);
        if (tag.isPresent()) {
            return tag.get().equals(order.tag().value());
        }
        return input instanceof BatchInput.Uploaded(var file)
                && batch.text("input_file_id").filter(file::equals).isPresent();
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        return calls.get(BATCHES + "/" + BatchCalls.segment(batchId), this::batch);
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        BatchAnswer<RemoteBatch> answer =
                calls.post(BATCHES + "/" + BatchCalls.segment(batchId) + "/cancel", this::batch);
        // One that has ended can't be cancelled, which its own state tells.
        return answer instanceof Refused<RemoteBatch> ? poll(batchId) : answer;
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        String id = file.whole().substring(file.whole().indexOf(':') + 1);
        String path = FILES + "/" + BatchCalls.segment(id) + "/content";
        return file.isPart()
                ? calls.downloadBehind(path, file.linesBefore(), out)
                : calls.download(path, from, out);
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return rows.read(endpoint, line, offset, length);
    }
}
