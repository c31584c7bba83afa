package dev.batchwright.provider.gemini;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Gemini's batches: one model each, named by a display name, which is all that finds one again.
 *
 * <p>The input is always a file. Gemini also takes requests with the create call itself, up to 20
 * MB, but the file gives more for one call more: every result has its key, results come as a file
 * rather than within each poll, and the call that costs money is short, so that its answer is
 * seldom lost.
 */
final class GeminiBatch implements BatchApi {
    /** Not documented; more in one batch makes a loss by its end after 48 hours larger. */
    private static final int REQUESTS = 200_000;

    private static final long BYTES = 2_000_000_000L;
    private static final int BATCHES = 100;

    /** How long a list may not show a batch: not documented, so taken long. */
    private static final Duration LAG = Duration.ofMinutes(10);

    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** The key of a line, and what is around it and the request. */
    private static final int AROUND = 64;

    /**
     * What an object in a body may grow by when it is translated, and what the body as a whole may:
     * the longest is a tool's message, which gets the name of its function.
     */
    private static final int GROWTH_OF_OBJECT = 160;

    private static final int GROWTH = 512;

    private final HttpClient http;
    private final Addresses addresses;
    private final Headers headers;
    private final Clock clock;
    private final BatchFailures failures;
    private final Upload upload;
    private final RowReader rows;

    GeminiBatch(HttpClient http, Account account, Headers headers, Clock clock) {
        this.http = http;
        this.addresses = account.addresses();
        this.headers = headers;
        this.clock = clock;
        this.failures = new BatchFailures(account, clock);
        this.upload = new Upload(http, addresses, headers, failures);
        this.rows = new RowReader(clock);
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        if (Call.of(endpoint).isEmpty()) {
            return new BatchOffer.NotOffered(Call.refusal(endpoint));
        }
        return new BatchOffer.Offered(
                REQUESTS,
                BYTES,
                true,
                true,
                false,
                OptionalLong.empty(),
                BATCHES,
                Operation.LIFE,
                LAG);
    }

    /** A request for several embeddings fits into no batch: a line holds one. */
    @Override
    public long size(Request request) {
        return switch (call(request.endpoint())) {
            case GENERATE, EMBED -> AROUND + request.body().length();
            case CHAT -> AROUND + translatedSize(request.body());
            case EMBEDDINGS ->
                    EmbeddingsRequest.severalInputs(request.body())
                            ? BYTES + 1
                            : AROUND + translatedSize(request.body());
        };
    }

    static long translatedSize(RawJson body) {
        ByteBuffer bytes = body.buffer();
        long objects = 0;
        while (bytes.hasRemaining()) {
            if (bytes.get() == '{') {
                objects++;
            }
        }
        return body.length() + GROWTH_OF_OBJECT * objects + GROWTH;
    }

    private static Call call(String endpoint) {
        // Of a batch that somebody else made the endpoint may not be known: its answers are given
        // as they are.
        return Call.of(endpoint.isEmpty() ? Call.GENERATE.endpoint() : endpoint)
                .orElseThrow(() -> new IllegalArgumentException(Call.refusal(endpoint)));
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        while (requests.hasNext()) {
            WireRequest next = requests.next();
            RawJson body;
            try {
                body = GeminiRequest.ofBatch(call(next.request().endpoint()), next.request());
            } catch (Untranslatable e) {
                throw new IllegalArgumentException(
                        "A request that can't be translated was put into a batch", e);
            }
            String start = "{\"key\":%s,\"request\":".formatted(Json.quoted(next.wireId()));
            out.write(start.getBytes(StandardCharsets.UTF_8));
            body.writeTo(out);
            out.write('}');
            out.write('\n');
        }
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException {
        return upload.send(BatchApi.displayName(order.tag()), input);
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putObject("batch")
                .put("displayName", BatchApi.displayName(order.tag()))
                .putObject("inputConfig")
                .put("fileName", file(input));
        HttpResult result =
                post(
                        addresses.model(order.model(), call(order.endpoint()).batchMethod()),
                        Json.raw(body));
        if (!(result instanceof HttpResult.Response response) || !isGood(response)) {
            return failures.judge(result, BatchFailures.Step.CREATE);
        }
        return operation(response.body(), false)
                .<BatchAnswer<RemoteBatch>>flatMap(
                        made ->
                                made.id()
                                        .map(
                                                id ->
                                                        new BatchAnswer.Given<>(
                                                                made.toRemoteBatch(
                                                                        id, clock.instant()))))
                .orElseGet(
                        () ->
                                BatchFailures.unknown(
                                        "unexpected_answer", "The answer names no batch."));
    }

    private static String file(BatchInput input) {
        return switch (input) {
            case BatchInput.Uploaded(var file) -> file;
            case BatchInput.Inline inline ->
                    throw new IllegalArgumentException("The input of a batch is a file here");
        };
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        String name = BatchApi.displayName(order.tag());
        String file = file(input);
        Set<String> pages = new HashSet<>();
        String page = "";
        // No order is promised, so no page can be left out.
        while (pages.add(page)) {
            HttpResult result = get(addresses.batches(page));
            if (!(result instanceof HttpResult.Response response) || !isGood(response)) {
                return failures.judge(result, BatchFailures.Step.OTHER);
            }
            Optional<JsonNode> list = json(response.body());
            if (list.isEmpty() || list.get().has("error")) {
                return BatchFailures.unknown("unexpected_answer", "The answer is no list.");
            }
            for (JsonNode each : list.get().path("operations")) {
                var operation = new Operation(each, false);
                boolean ours =
                        operation.displayName().equals(name) || operation.inputFile().equals(file);
                if (ours) {
                    return operation
                            .id()
                            .<BatchAnswer<Search>>map(
                                    id ->
                                            new BatchAnswer.Given<>(
                                                    new Search.Found(operation.listed(id))))
                            .orElseGet(
                                    () ->
                                            BatchFailures.unknown(
                                                    "unexpected_answer",
                                                    "The list shows the batch without a name."));
                }
            }
            page = list.get().path("nextPageToken").asString("");
            if (page.isEmpty()) {
                return new BatchAnswer.Given<>(new Search.NotShown());
            }
        }
        return BatchFailures.unknown(
                "unexpected_answer", "The list of batches comes back to a page it has shown.");
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        var rest = new ByteArrayOutputStream();
        var answer = new InlinedResponses(rest, OutputStream.nullOutputStream());
        HttpResult result = stream(addresses.resource(batchId), answer);
        if (!(result instanceof HttpResult.Response response) || !isGood(response)) {
            return failures.judge(result, BatchFailures.Step.OTHER);
        }
        return operation(rest.toByteArray(), answer.any())
                .filter(operation -> operation.id().isPresent())
                .<BatchAnswer<RemoteBatch>>map(
                        operation ->
                                new BatchAnswer.Given<>(
                                        operation.toRemoteBatch(batchId, clock.instant())))
                .orElseGet(
                        () ->
                                BatchFailures.unknown(
                                        "unexpected_answer", "The answer is no batch."));
    }

    /** Gemini answers nothing to a request to end; how far the batch is, the next poll tells. */
    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        HttpResult result = post(addresses.resource(batchId + ":cancel"), RawJson.of("{}"));
        if (result instanceof HttpResult.Response response && isGood(response)) {
            return new BatchAnswer.Given<>(
                    new RemoteBatch(
                            batchId,
                            Optional.empty(),
                            new RemoteBatch.Phase.Running("cancelling", List.of()),
                            RemoteBatch.Counts.NONE,
                            Optional.empty()));
        }
        BatchAnswer<RemoteBatch> answer = failures.judge(result, BatchFailures.Step.OTHER);
        // A batch that is over can't be cancelled.
        return answer instanceof BatchAnswer.Refused ? poll(batchId) : answer;
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        var lines = new Lines(out, from);
        var inlined = new InlinedResponses(OutputStream.nullOutputStream(), lines);
        ResultReference reference = ResultReference.parse(file);
        HttpResult result =
                switch (reference) {
                    case ResultReference.InFile(var name) ->
                            stream(addresses.download(name), lines);
                    case ResultReference.InBatch(var id) -> stream(addresses.resource(id), inlined);
                };
        boolean whole = result instanceof HttpResult.Response response && isGood(response);
        try {
            if (!whole) {
                lines.flush();
                return failures.judge(result, BatchFailures.Step.OTHER);
            }
            long length = lines.finish();
            boolean gone = reference instanceof ResultReference.InBatch && !inlined.any();
            return gone || length < from
                    ? BatchFailures.unknown(
                            "unexpected_answer",
                            "There is less of the results now than was read of them before.")
                    : new BatchAnswer.Given<>(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return rows.read(call(endpoint), line, offset, length);
    }

    private HttpResult get(URI uri) throws InterruptedException {
        return http.send(new HttpCall("GET", uri, headers, Body.none()), TIMEOUT);
    }

    private HttpResult post(URI uri, RawJson body) throws InterruptedException {
        return http.send(new HttpCall("POST", uri, headers, Body.json(body)), TIMEOUT);
    }

    private HttpResult stream(URI uri, OutputStream out) throws InterruptedException {
        return http.download(new HttpCall("GET", uri, headers, Body.none()), 0, out, TIMEOUT);
    }

    private static boolean isGood(HttpResult.Response response) {
        return response.status() >= 200 && response.status() < 300;
    }

    private static Optional<Operation> operation(byte[] body, boolean inlined) {
        return json(body).map(node -> new Operation(node, inlined));
    }

    private static Optional<JsonNode> json(byte[] body) {
        try {
            return Optional.of(Json.MAPPER.readTree(body)).filter(JsonNode::isObject);
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }
}
