package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.store.AnswerForm;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoredResult;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A batch that somebody else created: it is waited for, and its results are read. Nothing of it is
 * kept in a store; if this process dies, the same command begins again, for the provider keeps the
 * results. Holds one line at a time. For one thread.
 */
public final class Adoption {
    private static final int BUFFER = 1 << 20;

    private final BatchApi api;
    private final String provider;
    private final String batchId;
    private final Path scratch;
    private final PollPace pace;
    private long rows;
    private long unreadable;

    /** A batch that can't be followed any more. */
    public static final class LostBatchException extends RuntimeException {
        public LostBatchException(String message) {
            super(message);
        }
    }

    /**
     * @param scratch a directory for a temporary file as large as the results
     */
    public Adoption(
            BatchApi api,
            String provider,
            String batchId,
            Path scratch,
            Optional<Duration> pollInterval,
            RandomGenerator random) {
        this.api = api;
        this.provider = provider;
        this.batchId = batchId;
        this.scratch = scratch;
        this.pace = new PollPace(pollInterval, random);
    }

    /**
     * Waits until the batch is over.
     *
     * @param onLook gets a word on how it goes after each look
     */
    public RemoteBatch awaitEnd(Consumer<String> onLook) throws InterruptedException {
        while (true) {
            switch (api.poll(batchId)) {
                case BatchAnswer.Given<RemoteBatch>(RemoteBatch batch) -> {
                    switch (batch.phase()) {
                        case RemoteBatch.Phase.Ended ended -> {
                            return batch;
                        }
                        case RemoteBatch.Phase.Running(String status, var partial) -> {
                            onLook.accept(Following.progress(status, batch.counts()));
                            Thread.sleep(pace.next());
                        }
                    }
                }
                case BatchAnswer.Later<RemoteBatch> later ->
                        Thread.sleep(pace.afterFailure(later.retryAfter()));
                case BatchAnswer.Unknown<RemoteBatch> unknown ->
                        Thread.sleep(pace.afterFailure(unknown.retryAfter()));
                case BatchAnswer.Missing<RemoteBatch>(ItemError error) -> throw lost(error);
                case BatchAnswer.Refused<RemoteBatch>(ItemError error, var problems) ->
                        throw lost(error);
                case BatchAnswer.Blocked<RemoteBatch>(String problem) ->
                        throw new LostBatchException(problem);
            }
        }
    }

    private LostBatchException lost(ItemError error) {
        return new LostBatchException(
                "%s does not know the batch %s (%s). Check the id, and whose key is used."
                        .formatted(provider, batchId, error.message()));
    }

    /** Reads the results of a batch that is over, in the order in which they lie there. */
    public void read(RemoteBatch batch, Consumer<StoredResult> sink) throws InterruptedException {
        String endpoint = batch.endpoint().orElse("");
        if (batch.phase() instanceof RemoteBatch.Phase.Ended(var end, List<ResultFile> files)) {
            boolean resumable =
                    api.offer(endpoint, "") instanceof BatchOffer.Offered offered
                            && offered.resumable();
            for (ResultFile file : files) {
                read(endpoint, file, resumable, sink);
            }
        }
    }

    /** Why it did not end as it should; empty where it did. */
    public static Optional<String> problem(RemoteBatch batch) {
        return batch.phase() instanceof RemoteBatch.Phase.Ended(var end, var files)
                ? Following.problem(end)
                : Optional.empty();
    }

    /** Lines that were no results, or could not be read. */
    public long unreadable() {
        return unreadable;
    }

    private void read(
            String endpoint, ResultFile file, boolean resumable, Consumer<StoredResult> sink)
            throws InterruptedException {
        try (FileChannel spool =
                FileChannel.open(
                        Files.createTempFile(scratch, "results-", ".jsonl"),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE)) {
            download(file, resumable, spool);
            var in = new BufferedInputStream(Channels.newInputStream(spool.position(0)), BUFFER);
            for (byte[] line = line(in); line.length > 0; line = line(in)) {
                row(endpoint, line, sink);
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The results of %s can't be kept in %s (%s). Free some space, then run the same command again."
                            .formatted(batchId, scratch, e.getMessage()),
                    e);
        }
    }

    private void download(ResultFile file, boolean resumable, FileChannel spool)
            throws IOException, InterruptedException {
        while (true) {
            switch (api.download(file, spool.position(), Channels.newOutputStream(spool))) {
                case BatchAnswer.Given<Long> given -> {
                    return;
                }
                case BatchAnswer.Later<Long> later ->
                        Thread.sleep(pace.afterFailure(later.retryAfter()));
                case BatchAnswer.Unknown<Long> unknown ->
                        Thread.sleep(pace.afterFailure(unknown.retryAfter()));
                case BatchAnswer.Missing<Long>(ItemError error) -> throw lost(error);
                case BatchAnswer.Refused<Long>(ItemError error, var problems) -> throw lost(error);
                case BatchAnswer.Blocked<Long>(String problem) ->
                        throw new LostBatchException(problem);
            }
            if (!resumable) {
                spool.truncate(0);
            }
        }
    }

    /** The next line with its newline; empty at the end. */
    private static byte[] line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0) {
            line.write(next);
            if (next == '\n') {
                break;
            }
            next = in.read();
        }
        return line.toByteArray();
    }

    private void row(String endpoint, byte[] line, Consumer<StoredResult> sink) {
        switch (api.read(endpoint, line, 0, line.length)) {
            case ResultRow.Succeeded(String id, Usage usage, var answer) ->
                    sink.accept(
                            result(
                                    id,
                                    StoredResult.Kind.SUCCEEDED,
                                    usage,
                                    fields(answer, line, Optional.empty())));
            case ResultRow.Failed failed ->
                    sink.accept(
                            result(
                                    failed.wireId(),
                                    StoredResult.Kind.FAILED,
                                    failed.usage(),
                                    fields(failed.answer(), line, Optional.of(failed.error()))));
            case ResultRow.Unreadable bad -> unreadable++;
            case ResultRow.Blank blank -> {}
        }
    }

    private StoredResult result(String id, StoredResult.Kind kind, Usage usage, RawJson fields) {
        rows++;
        var request = new Request(provider, "", "", RawJson.NULL);
        return new StoredResult(
                new Item(rows, id, request, Optional.empty()), kind, 1, usage, Cost.ZERO, fields);
    }

    private static RawJson fields(ResultRow.Answer answer, byte[] line, Optional<ItemError> error) {
        return switch (answer) {
            case ResultRow.Answer.InLine(var form, int status, int offset, int length) ->
                    RowJudge.stored(form).fields(status, line, offset, length);
            case ResultRow.Answer.Made(Reply reply) -> AnswerForm.fields(Optional.of(reply), error);
            case ResultRow.Answer.None none -> AnswerForm.fields(Optional.empty(), error);
        };
    }
}
