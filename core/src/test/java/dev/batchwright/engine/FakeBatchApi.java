package dev.batchwright.engine;

import dev.batchwright.http.Body;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.BatchOrder;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.Search;
import dev.batchwright.provider.WireRequest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A batch API in memory that behaves: what is created runs, is found, polled, cancelled and
 * downloaded. Tests replace what they want to go wrong.
 *
 * <p>A line of its inputs is {@code wireId body}, one of its results {@code wireId status body}.
 */
final class FakeBatchApi implements BatchApi {
    static final Duration LAG = Duration.ofMillis(50);

    final Map<String, List<String>> files = new ConcurrentHashMap<>();
    final Map<String, Batch> batches = Collections.synchronizedMap(new LinkedHashMap<>());
    final Map<String, Integer> polls = new ConcurrentHashMap<>();

    // Courses upload and create beside each other: the size of a map names two things alike.
    private final AtomicInteger names = new AtomicInteger();
    private final AtomicInteger ids = new AtomicInteger();

    final List<String> downloads = Collections.synchronizedList(new ArrayList<>());

    volatile int requestsPerBatch = 1_000;
    volatile OptionalLong enqueuedTokens = OptionalLong.empty();

    /** What a create call comes to; called after the batch was made. */
    volatile Function<Batch, BatchAnswer<RemoteBatch>> onCreate = batch -> given(running(batch));

    /** What is refused before a batch is made, if anything. */
    volatile Function<BatchOrder, Optional<BatchAnswer<RemoteBatch>>> beforeCreate =
            order -> Optional.empty();

    volatile Function<BatchOrder, Optional<BatchAnswer<Search>>> onFind = order -> Optional.empty();

    /** The n-th look at a batch, from 1. */
    volatile BiFunction<Batch, Integer, BatchAnswer<RemoteBatch>> onPoll =
            (batch, n) -> given(completed(batch));

    /** What a download comes to instead, if anything. */
    volatile Function<ResultFile, Optional<BatchAnswer<Long>>> onDownload =
            file -> Optional.empty();

    volatile Function<String, String> answer = line -> id(line) + " 200 " + body(line);

    /** Of each answer. */
    volatile Usage usage = new Usage(1, 0, 0);

    /** A batch as it was ordered; its results are made when it is asked for them. */
    static final class Batch {
        final String id;
        final BatchOrder order;
        final List<String> lines;
        volatile boolean cancelled;

        Batch(String id, BatchOrder order, List<String> lines) {
            this.id = id;
            this.order = order;
            this.lines = lines;
        }
    }

    static <T> BatchAnswer<T> given(T value) {
        return new BatchAnswer.Given<>(value);
    }

    static <T> BatchAnswer<T> unknown() {
        return new BatchAnswer.Unknown<>(
                new ItemError("connection_broken", "It broke."), Optional.empty());
    }

    static String id(String line) {
        return line.substring(0, line.indexOf(' '));
    }

    static String body(String line) {
        return line.substring(line.indexOf(' ') + 1);
    }

    static RemoteBatch running(Batch batch) {
        return remote(batch, new RemoteBatch.Phase.Running("in_progress", List.of()));
    }

    /** Running, with its first results there already. */
    RemoteBatch partly(Batch batch, int done) {
        String file = "results-" + batch.id;
        files.put(file, batch.lines.subList(0, done).stream().map(answer).toList());
        return new RemoteBatch(
                batch.id,
                Optional.of(batch.order.endpoint()),
                new RemoteBatch.Phase.Running("in_progress", List.of(new ResultFile(file))),
                new RemoteBatch.Counts(batch.lines.size(), done, 0),
                Optional.empty());
    }

    RemoteBatch completed(Batch batch) {
        return ended(
                batch, new RemoteBatch.End.Completed(), batch.lines.stream().map(answer).toList());
    }

    /** Ended so, with these lines as its results. */
    RemoteBatch ended(Batch batch, RemoteBatch.End end, List<String> results) {
        files.put("results-" + batch.id, results);
        return remote(
                batch,
                new RemoteBatch.Phase.Ended(
                        end,
                        results.isEmpty()
                                ? List.of()
                                : List.of(new ResultFile("results-" + batch.id))));
    }

    static RemoteBatch remote(Batch batch, RemoteBatch.Phase phase) {
        return new RemoteBatch(
                batch.id,
                Optional.of(batch.order.endpoint()),
                phase,
                RemoteBatch.Counts.NONE,
                Optional.empty());
    }

    List<Batch> created() {
        synchronized (batches) {
            return List.copyOf(batches.values());
        }
    }

    private List<String> file(String name) {
        return Objects.requireNonNull(files.get(name));
    }

    private Batch batch(String id) {
        return Objects.requireNonNull(batches.get(id));
    }

    /** How often each body was in a batch that was made. */
    Map<String, Integer> executions() {
        var counts = new LinkedHashMap<String, Integer>();
        created()
                .forEach(
                        batch ->
                                batch.lines.forEach(
                                        line -> counts.merge(body(line), 1, Integer::sum)));
        return counts;
    }

    @Override
    public BatchOffer offer(String endpoint, String model) {
        return new BatchOffer.Offered(
                requestsPerBatch,
                1 << 20,
                true,
                true,
                false,
                enqueuedTokens,
                100,
                Duration.ofHours(24),
                LAG);
    }

    @Override
    public long size(Request request) {
        return request.body().length() + 40L;
    }

    @Override
    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        while (requests.hasNext()) {
            WireRequest next = requests.next();
            out.write((next.wireId() + " ").getBytes(StandardCharsets.UTF_8));
            next.request().body().writeTo(out);
            out.write('\n');
        }
    }

    @Override
    public BatchAnswer<String> upload(BatchOrder order, Body input) {
        var content = new ByteArrayOutputStream();
        try {
            input.writeTo(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String name = "file-" + names.incrementAndGet();
        files.put(name, content.toString(StandardCharsets.UTF_8).lines().toList());
        return given(name);
    }

    @Override
    public BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input) {
        Optional<BatchAnswer<RemoteBatch>> refused = beforeCreate.apply(order);
        if (refused.isPresent()) {
            return refused.get();
        }
        String file = ((BatchInput.Uploaded) input).file();
        var batch = new Batch("batch-" + ids.incrementAndGet(), order, file(file));
        batches.put(batch.id, batch);
        return onCreate.apply(batch);
    }

    @Override
    public BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since) {
        return onFind.apply(order)
                .orElseGet(
                        () ->
                                given(
                                        created().stream()
                                                .filter(b -> b.order.tag().equals(order.tag()))
                                                .findFirst()
                                                .<Search>map(b -> new Search.Found(running(b)))
                                                .orElseGet(Search.NotShown::new)));
    }

    @Override
    public BatchAnswer<RemoteBatch> poll(String batchId) {
        Batch batch = batch(batchId);
        return batch.cancelled
                ? given(ended(batch, new RemoteBatch.End.Cancelled(), cancelledResults(batch)))
                : onPoll.apply(batch, polls.merge(batchId, 1, Integer::sum));
    }

    /** Half of it was done. */
    private List<String> cancelledResults(Batch batch) {
        return batch.lines.subList(0, batch.lines.size() / 2).stream().map(answer).toList();
    }

    @Override
    public BatchAnswer<RemoteBatch> cancel(String batchId) {
        Batch batch = batch(batchId);
        batch.cancelled = true;
        return given(running(batch));
    }

    @Override
    public BatchAnswer<Long> download(ResultFile file, long from, OutputStream out) {
        downloads.add(file.reference());
        Optional<BatchAnswer<Long>> other = onDownload.apply(file);
        if (other.isPresent()) {
            return other.get();
        }
        List<String> lines = file(file.whole());
        List<String> part = lines.subList((int) file.linesBefore(), lines.size());
        byte[] content = String.join("\n", part).getBytes(StandardCharsets.UTF_8);
        try {
            out.write(content, (int) from, content.length - (int) from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return given((long) content.length);
    }

    @Override
    public ResultRow read(String endpoint, byte[] line, int offset, int length) {
        String text = new String(line, offset, length, StandardCharsets.UTF_8);
        var parts = new ArrayList<>(List.of(text.split(" ", 3)));
        if (parts.size() < 3) {
            return new ResultRow.Unreadable("no result");
        }
        int status = Integer.parseInt(parts.get(1));
        var slice =
                new ResultRow.Answer.InLine(
                        ResultRow.Form.BODY,
                        status,
                        parts.get(0).length() + parts.get(1).length() + 2,
                        parts.get(2).length());
        return status == 200
                ? new ResultRow.Succeeded(parts.getFirst(), usage, slice)
                : new ResultRow.Failed(
                        parts.getFirst(),
                        new ItemError("http_" + status, "No."),
                        status >= 500,
                        Usage.NONE,
                        slice);
    }

    static BatchAnswer<RemoteBatch> refused(InputProblem... problems) {
        return new BatchAnswer.Refused<>(new ItemError("invalid", "Bad."), List.of(problems));
    }
}
