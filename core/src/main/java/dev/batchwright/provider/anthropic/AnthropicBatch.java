package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchAnswer.Blocked;
import dev.batchwright.provider.BatchAnswer.Given;
import dev.batchwright.provider.BatchAnswer.Later;
import dev.batchwright.provider.BatchAnswer.Missing;
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
import dev.batchwright.provider.anthropic.BatchClassifier.Subject;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Message batches. The create call carries the requests themselves, and a batch keeps neither a
 * name nor metadata: what tells it from others is the tag in front of every {@code custom_id},
 * which shows only in its results. So a lost batch is looked for among those of its time and size,
 * and known for certain once one of them has ended.
 */
final class AnthropicBatch implements BatchApi {
    private static final int MOST_REQUESTS = 100_000;
    // 256 MB, whichever kind of MB is meant.
    private static final long MOST_BYTES = 256_000_000;
    // No number is told; the requests that wait are limited, to 200,000 and more.
    private static final int MOST_BATCHES = 100;
    private static final Duration WINDOW = Duration.ofHours(24);
    // An intermittent 404 of batches that exist was seen for some minutes.
    private static final Duration LAG = Duration.ofMinutes(10);
    private static final Duration SKEW = Duration.ofMinutes(15);
    private static final Duration CALL = Duration.ofMinutes(2);
    // Every request is looked at before the answer comes.
    private static final Duration CREATE_SILENCE = Duration.ofMinutes(10);
    private static final Duration DOWNLOAD_SILENCE = Duration.ofMinutes(2);
    private static final int PAGE = 1000;

    private static final byte[] HEAD = ascii("{\"requests\":[");
    private static final byte[] TAIL = ascii("]}");
    // With an id of the longest kind and a comma, and a share in head and tail.
    private static final int AROUND_REQUEST = 100;

    private final HttpClient http;
    private final URI batches;
    private final Headers headers;
    private final BatchClassifier classifier;
    private final Clock clock;

    AnthropicBatch(
            HttpClient http,
            URI batches,
            Headers headers,
            BatchClassifier classifier,
            Clock clock) {
        this.http = http;
        this.batches = batches;
        this.headers = headers;
        this.classifier = classifier;
        this.clock = clock;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        return Wire.refusal(endpoint)
                .<BatchOffer>map(BatchOffer.NotOffered::new)
                .orElseGet(
                        () ->
                                new BatchOffer.Offered(
                                        MOST_REQUESTS,
                                        MOST_BYTES,
                                        false,
                                        false,
                                        false,
                                        OptionalLong.empty(),
                                        MOST_BATCHES,
                                        WINDOW,
                                        LAG));
    }

    @Override
    public long size(Request request) {
        return AROUND_REQUEST
                + switch (Translation.of(request)) {
                    case Translation.Made(var body) -> body.length();
                    case Translation.Refused refused -> request.body().length();
                };
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        out.write(HEAD);
        for (boolean first = true; requests.hasNext(); first = false) {
            WireRequest next = requests.next();
            String start = first ? "{\"custom_id\":" : ",{\"custom_id\":";
            out.write(ascii(start + JsonPart.quote(next.wireId()) + ",\"params\":"));
            params(next.request()).writeTo(out);
            out.write('}');
        }
        out.write(TAIL);
    }

    private static Body params(Request request) {
        return switch (Translation.of(request)) {
            case Translation.Made(var body) -> body;
            case Translation.Refused(var reason) ->
                    throw new IllegalArgumentException(
                            "A request that was to be refused before: " + reason);
        };
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) {
        throw new UnsupportedOperationException(
                "Anthropic takes the requests with the call that creates the batch");
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input)
            throws InterruptedException {
        var call = new HttpCall("POST", batches, headers, new JsonBody(content(input)));
        return remoteBatch(http.upload(call, CREATE_SILENCE), Subject.ALL);
    }

    private static Body content(BatchInput input) {
        return switch (input) {
            case BatchInput.Inline(var content) -> content;
            case BatchInput.Uploaded(var file) ->
                    throw new IllegalArgumentException("Anthropic knows no uploaded input " + file);
        };
    }

    /** What {@link #write} wrote, whatever it was kept as. */
    private record JsonBody(Body content) implements Body {
        @Override
        public long length() {
            return content.length();
        }

        @Override
        public String contentType() {
            return "application/json";
        }

        @Override
        public void writeTo(OutputStream out) throws IOException {
            content.writeTo(out);
        }
    }

    private BatchAnswer<RemoteBatch> remoteBatch(HttpResult result, Subject subject) {
        return classifier.classify(
                result,
                subject,
                answer -> answer.body().flatMap(MessageBatch::of).map(MessageBatch::remote));
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException {
        Instant from = since.minus(SKEW);
        var candidates = new ArrayList<MessageBatch>();
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            BatchAnswer<BatchPage> answer = page(after.get());
            if (!(answer instanceof Given<BatchPage>(var page))) {
                return noPage(answer);
            }
            page.batches().stream()
                    .filter(batch -> mayBe(batch, order, from))
                    .forEach(candidates::add);
            after = page.isOlderThan(from) ? Optional.empty() : page.next();
        }
        return new Given<>(among(candidates, order.tag()));
    }

    // No list is no proof that there is no batch: above all it refuses no input.
    private static BatchAnswer<Search> noPage(BatchAnswer<BatchPage> answer) {
        return switch (answer) {
            case Later<BatchPage>(var error, var retryAfter, var queueFull) ->
                    new Later<>(error, retryAfter, queueFull);
            case Blocked<BatchPage>(var problem) -> new Blocked<>(problem);
            case Unknown<BatchPage>(var error, var retryAfter) -> new Unknown<>(error, retryAfter);
            case Missing<BatchPage>(var error) -> new Unknown<>(error, Optional.empty());
            case Refused<BatchPage>(var error, var problems) ->
                    new Unknown<>(error, Optional.empty());
            case Given<BatchPage>(var page) ->
                    throw new IllegalArgumentException("That is a page: " + page);
        };
    }

    private BatchAnswer<BatchPage> page(String after) throws InterruptedException {
        String query = "limit=" + PAGE + (after.isEmpty() ? "" : "&after_id=" + encoded(after));
        HttpResult result = http.send(get(at("", query)), CALL);
        return classifier.classify(
                result,
                Subject.ALL,
                answer -> answer.body().flatMap(it -> BatchPage.of(it, after)));
    }

    // What a batch does not tell excludes it from nothing.
    private static boolean mayBe(MessageBatch batch, BatchOrder order, Instant from) {
        return batch.createdAt().filter(created -> created.isBefore(from)).isEmpty()
                && batch.requests().filter(count -> count != order.requests()).isEmpty();
    }

    private Search among(List<MessageBatch> candidates, BatchTag tag) throws InterruptedException {
        var perhaps = new ArrayList<String>();
        for (MessageBatch batch : candidates) {
            Optional<String> id = batch.hasEnded() ? firstId(batch.remote()) : Optional.empty();
            if (id.filter(it -> tag.seq(it).isPresent()).isPresent()) {
                return new Search.Found(batch.remote());
            }
            if (id.isEmpty()) {
                perhaps.add(batch.remote().id());
            }
        }
        return perhaps.isEmpty() ? new Search.NotShown() : new Search.Perhaps(perhaps);
    }

    /** An id out of an ended batch's results; empty where they can't be read now. */
    private Optional<String> firstId(RemoteBatch batch) throws InterruptedException {
        var ids = new FirstIds();
        try {
            HttpResult unused =
                    http.download(
                            get(at(path(batch.id()) + "/results", "")), 0, ids, DOWNLOAD_SILENCE);
        } catch (UncheckedIOException enough) {
            if (!(enough.getCause() instanceof FirstIds.EnoughException)) {
                throw enough;
            }
        }
        return ids.first();
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException {
        return remoteBatch(http.send(get(at(path(batchId), "")), CALL), Subject.ONE);
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException {
        var call = new HttpCall("POST", at(path(batchId) + "/cancel", ""), headers, Body.none());
        BatchAnswer<RemoteBatch> answer = remoteBatch(http.send(call, CALL), Subject.ONE);
        // It has ended meanwhile; how is for its own words to say.
        return answer instanceof Refused<RemoteBatch> ? poll(batchId) : answer;
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException {
        if (from != 0) {
            throw new IllegalArgumentException("Rows may come in another order the next time");
        }
        var lines = new LineEnd(out);
        // Under our own base URL, whatever host the batch's results_url names.
        URI results = at(path(MessageBatch.batchId(file)) + "/results", "");
        HttpResult result = http.download(get(results), 0, lines, DOWNLOAD_SILENCE);
        return classifier.classify(result, Subject.ONE, answer -> Optional.of(end(lines)));
    }

    private static long end(LineEnd lines) {
        try {
            return lines.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        return ResultLine.read(line, offset, length, Wire.isTranslated(endpoint), clock.instant());
    }

    private HttpCall get(URI uri) {
        return new HttpCall("GET", uri, headers, Body.none());
    }

    private static String path(String batchId) {
        return "/" + encoded(batchId);
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private URI at(String path, String query) {
        String[] base = batches.toString().split("\\?", 2);
        String start = base[0] + path;
        String own = base.length == 1 ? "" : base[1];
        String both = own.isEmpty() || query.isEmpty() ? own + query : query + "&" + own;
        return URI.create(both.isEmpty() ? start : start + "?" + both);
    }
}
