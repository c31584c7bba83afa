package dev.batchwright.provider.fireworks;

import dev.batchwright.http.Body;
import dev.batchwright.http.MultipartBody;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Missing;
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
import dev.batchwright.provider.openai.RowReader;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fireworks' batch inference jobs: a dataset is made and filled, a job reads it and writes another
 * one, whose files are behind signed addresses. The names of all of them are ours, made of the tag:
 * a job that is made twice is refused the second time, and one whose answer was lost is asked for
 * by its name.
 *
 * <p>A job can't be cancelled, only deleted. What it had done may be gone then, as at Gemini, and
 * so is the job itself after a while: what was deleted here is known for as long as this lives.
 *
 * <p>Everything belongs to an account. Which one is told by a variable, or by Fireworks, if the key
 * sees only one.
 */
public final class FireworksBatch implements BatchApi {
    /** What its own command reads the account from. */
    public static final String ACCOUNT_VARIABLE = "FIREWORKS_ACCOUNT_ID";

    static final String CHAT = "/v1/chat/completions";

    private static final String ACCOUNTS = "/v1/accounts";
    private static final int REQUESTS = 50_000;
    // What a direct upload takes; more would need addresses of a store.
    private static final long BYTES = 149_000_000;
    private static final int AT_ONCE = 20;
    private static final Duration WINDOW = Duration.ofHours(24);
    private static final Duration SHORTEST = Duration.ofHours(12);
    private static final Duration LONGEST = Duration.ofDays(3);
    private static final Duration LAG = Duration.ofMinutes(10);
    private static final String CONFLICT = "http_409";
    private static final String NOT_READY = "dataset_not_ready";

    private final BatchCalls calls;
    private final InputLines lines = InputLines.bare(ModelFree::of);
    private final RowReader rows;
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();
    private volatile Optional<String> account;

    /**
     * @param calls to where accounts are
     */
    public FireworksBatch(BatchCalls calls, Optional<String> account) {
        this.calls = calls;
        this.rows = calls.rows();
        this.account = account;
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (!endpoint.equals(CHAT)) {
            return new BatchOffer.NotOffered(
                    "fireworks takes no %s in batches, only %s".formatted(endpoint, CHAT));
        }
        return new BatchOffer.Offered(
                REQUESTS, BYTES, true, false, false, OptionalLong.empty(), AT_ONCE, WINDOW, LAG);
    }

    @Override
    public long size(Request request) {
        return lines.size(request);
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        lines.write(requests, out);
    }

    private BatchAnswer<String> account() throws InterruptedException {
        if (account.isPresent()) {
            return new Given<>(account.get());
        }
        BatchAnswer<ApiObject> answer = calls.get(ACCOUNTS, Optional::of);
        if (!(answer instanceof Given<ApiObject>(var list))) {
            return BatchCalls.failed(answer);
        }
        List<String> ids =
                list.at("accounts").elements().stream()
                        .flatMap(one -> one.text("name").stream())
                        .map(name -> name.replaceFirst("^accounts/", ""))
                        .toList();
        if (ids.size() != 1) {
            return new Blocked<>(
                    "Which account of fireworks batches belong to is not known: the key sees %s. Set %s to the one that is meant, or use --mode live."
                            .formatted(
                                    ids.isEmpty() ? "none" : String.join(", ", ids),
                                    ACCOUNT_VARIABLE));
        }
        account = Optional.of(ids.getFirst());
        return new Given<>(ids.getFirst());
    }

    /** Made, filled, and found ready; called again, it goes on where it was. */
    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException {
        BatchAnswer<String> owner = account();
        if (!(owner instanceof Given<String>(var id))) {
            return BatchCalls.missesNothing(owner);
        }
        var dataset = new Resource(id, Resource.DATASETS, BatchApi.displayName(order.tag()));
        BatchAnswer<Boolean> made = makeDataset(dataset, order.requests());
        if (!(made instanceof Given<Boolean>(var isNew))) {
            return BatchCalls.missesNothing(BatchCalls.failed(made));
        }
        if (!isNew && ready(dataset) instanceof Given<String> before) {
            return before;
        }
        BatchAnswer<String> filled =
                calls.upload(
                        dataset.path() + ":upload",
                        new MultipartBody(List.of(), "file", dataset.id() + ".jsonl", input),
                        answer -> Optional.of(dataset.toString()));
        return BatchCalls.missesNothing(filled instanceof Given<String> ? ready(dataset) : filled);
    }

    /** Gives whether it was not there before. */
    private BatchAnswer<Boolean> makeDataset(Resource dataset, long requests)
            throws InterruptedException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("datasetId", dataset.id());
        ObjectNode form = body.putObject("dataset");
        form.putObject("userUploaded");
        form.put("exampleCount", String.valueOf(requests));
        BatchAnswer<Boolean> answer =
                calls.post(
                        dataset.collection(),
                        RawJson.of(body.toString()),
                        made -> Optional.of(true));
        return isConflict(answer) ? new Given<>(false) : answer;
    }

    private static boolean isConflict(BatchAnswer<?> answer) {
        return answer instanceof Refused<?>(ItemError error, var lines)
                && error.code().equals(CONFLICT);
    }

    private BatchAnswer<String> ready(Resource dataset) throws InterruptedException {
        BatchAnswer<String> state = calls.get(dataset.path(), answer -> answer.text("state"));
        return switch (state) {
            case Given<String>(var word) when word.equals("READY") ->
                    new Given<>(dataset.toString());
            case Given<String>(var word) ->
                    new Later<>(
                            new ItemError(NOT_READY, "fireworks has not checked the dataset yet"),
                            Optional.empty(),
                            false);
            default -> state;
        };
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        Optional<Resource> dataset = dataset(input);
        if (dataset.isEmpty()) {
            return calls.refused("upload_needed", "A job of fireworks is made of a dataset.");
        }
        Duration window = order.window();
        if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
            return calls.refused(
                    "completion_window_unsupported",
                    "fireworks takes a completion window of %dh to %dh. Nothing was sent."
                            .formatted(SHORTEST.toHours(), LONGEST.toHours()));
        }
        Resource job = job(dataset.get(), order);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("displayName", job.id());
        body.put("model", order.model());
        body.put("inputDatasetId", dataset.get().toString());
        body.put("outputDatasetId", FireworksJob.output(job).toString());
        if (!window.equals(WINDOW)) {
            body.put("maxJobDuration", window.toSeconds() + "s");
        }
        BatchAnswer<RemoteBatch> answer =
                calls.post(
                        job.collection() + "?batchInferenceJobId=" + BatchCalls.segment(job.id()),
                        RawJson.of(body.toString()),
                        FireworksBatch::read);
        if (!isConflict(answer)) {
            return BatchCalls.maybeTooEarly(answer);
        }
        // The name is ours alone: who has it is the one that an earlier call made.
        BatchAnswer<RemoteBatch> before = get(job);
        return before instanceof Given<RemoteBatch> ? before : BatchCalls.provesNothing(before);
    }

    private static Optional<Resource> dataset(BatchInput input) {
        return input instanceof BatchInput.Uploaded(var name)
                ? Resource.parse(name)
                : Optional.empty();
    }

    private static Resource job(Resource dataset, BatchOrder order) {
        return dataset.beside(Resource.JOBS, BatchApi.displayName(order.tag()));
    }

    private static Optional<RemoteBatch> read(ApiObject job) {
        return new FireworksJob(job).read();
    }

    private BatchAnswer<RemoteBatch> get(Resource job) throws InterruptedException {
        return calls.get(job.path(), FireworksBatch::read);
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        Optional<Resource> dataset = dataset(input);
        if (dataset.isEmpty()) {
            return new Given<>(new Search.NotShown());
        }
        BatchAnswer<RemoteBatch> answer = get(job(dataset.get(), order));
        return switch (answer) {
            case Given<RemoteBatch>(var batch) -> new Given<>(new Search.Found(batch));
            case Missing<RemoteBatch> missing -> new Given<>(new Search.NotShown());
            default -> BatchCalls.provesNothing(answer);
        };
    }

    /** By its whole name, or by its id within the account. */
    private BatchAnswer<Resource> named(String batchId) throws InterruptedException {
        Optional<Resource> whole = Resource.parse(batchId);
        if (whole.isPresent()) {
            return new Given<>(whole.get());
        }
        BatchAnswer<String> owner = account();
        return owner instanceof Given<String>(var id)
                ? new Given<>(new Resource(id, Resource.JOBS, batchId))
                : BatchCalls.failed(owner);
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        BatchAnswer<Resource> named = named(batchId);
        if (!(named instanceof Given<Resource>(var job))) {
            return BatchCalls.failed(named);
        }
        BatchAnswer<RemoteBatch> answer = get(job);
        return answer instanceof Missing<RemoteBatch> && deleted.contains(job.toString())
                ? new Given<>(gone(job))
                : answer;
    }

    private static RemoteBatch gone(Resource job) {
        return new RemoteBatch(
                job.toString(),
                Optional.of(CHAT),
                new Phase.Ended(
                        new End.Cancelled(),
                        List.of(new ResultFile(FireworksJob.REMAINS + FireworksJob.output(job)))),
                Counts.NONE,
                Optional.empty());
    }

    /** Deletes it, unless it has ended: what is done is not thrown away. */
    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        BatchAnswer<Resource> named = named(batchId);
        if (!(named instanceof Given<Resource>(var job))) {
            return BatchCalls.failed(named);
        }
        BatchAnswer<RemoteBatch> before = get(job);
        if (!(before instanceof Given<RemoteBatch>(var batch))
                || !(batch.phase() instanceof Phase.Running)) {
            return before;
        }
        BatchAnswer<Boolean> answer = calls.delete(job.path());
        if (!(answer instanceof Given<Boolean>)) {
            return BatchCalls.failed(answer);
        }
        deleted.add(job.toString());
        return poll(job.toString());
    }

    /** All files of a dataset, one behind the other. */
    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        String reference = file.reference();
        boolean mayBeMissing = reference.startsWith(FireworksJob.REMAINS);
        Optional<Resource> dataset =
                Resource.parse(reference.substring(reference.indexOf(':') + 1));
        if (dataset.isEmpty()) {
            return calls.refused("invalid_name", "No dataset is called so.");
        }
        BatchAnswer<List<URI>> addresses =
                calls.get(dataset.get().path() + ":getDownloadEndpoint", FireworksBatch::addresses);
        if (!(addresses instanceof Given<List<URI>>(var all))) {
            return mayBeMissing && addresses instanceof Missing<List<URI>>
                    ? new Given<>(0L)
                    : BatchCalls.failed(addresses);
        }
        long length = 0;
        for (URI address : all) {
            BatchAnswer<Long> answer = calls.downloadElsewhere(address, 0, out);
            if (!(answer instanceof Given<Long>(var bytes))) {
                return BatchCalls.failed(answer);
            }
            length += bytes;
        }
        return new Given<>(length);
    }

    // In the order of their names: the same each time.
    private static Optional<List<URI>> addresses(ApiObject answer) {
        var byName = new TreeMap<String, String>();
        ApiObject files = answer.at("filenameToSignedUrls");
        files.node().properties().stream()
                .map(Map.Entry::getKey)
                .forEach(name -> files.text(name).ifPresent(url -> byName.put(name, url)));
        var addresses = new ArrayList<URI>();
        try {
            byName.values().forEach(url -> addresses.add(URI.create(url)));
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
        // A dataset of results has files; an answer without any is none yet.
        return addresses.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(addresses));
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return rows.read(endpoint, line, offset, length);
    }
}
