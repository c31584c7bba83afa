package dev.batchwright.server.batches;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.JobId;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Layout;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.HostedBatch.TokenSums;
import dev.batchwright.store.HostedFile;
import dev.batchwright.store.HostedFiles;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Results;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoredResult;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.Optional;

/**
 * Writes the result files of a batch, once and from the front. Where nobody sees them before the
 * end, they are written then, in input order, and after a crash anew. Where they are shown while
 * the batch runs, results are appended as they come; after a crash the lines that are there say
 * which results they are, and the others follow. Either way a result is one line in one file.
 *
 * <p>Memory: one result, and of files that are shown early a bit for each request. For one thread.
 */
final class ResultFiles implements AutoCloseable {
    private static final int CHECKED_EVERY = 1_000;

    private final JobStore store;
    private final HostedBatch batch;
    private final RunSignal signal;
    private final HostedFiles.Growth output;
    private final Optional<HostedFiles.Growth> error;
    private final BitSet written = new BitSet();
    private final ResultLines lines;
    private long good;
    private long failed;
    private long unexecuted;
    private TokenSums tokens = TokenSums.NONE;
    private Optional<String> model = Optional.empty();

    /** What all of it came to. */
    record Totals(
            long good,
            long failed,
            long unexecuted,
            TokenSums tokens,
            Optional<String> model,
            Optional<String> outputFile,
            Optional<String> errorFile) {}

    /**
     * @param batch that names its files and is kept by this process
     */
    ResultFiles(JobStore store, HostedBatch batch, RunSignal signal) {
        this.store = store;
        this.batch = batch;
        this.signal = signal;
        this.lines =
                switch (batch.order().form()) {
                    case OPENAI -> new ResultLines.OpenAi(batch.id());
                    case MESSAGES -> new ResultLines.Messages();
                };
        boolean anew = batch.order().layout() == Layout.APART;
        String outputFile = batch.outputFile().orElseThrow();
        if (!anew) {
            recall(outputFile);
            batch.errorFile().ifPresent(this::recall);
        }
        this.output = store.hostedBatches().grow(outputFile, anew);
        try {
            this.error = batch.errorFile().map(file -> store.hostedBatches().grow(file, anew));
        } catch (RuntimeException e) {
            output.close();
            throw e;
        }
    }

    /** Names the files of a batch that has none yet. */
    static HostedBatch named(JobStore store, HostedBatch batch) {
        if (batch.outputFile().isPresent()) {
            return batch;
        }
        boolean messages = batch.order().form() == HostedBatch.Form.MESSAGES;
        String purpose = messages ? "message_batch_results" : "batch_output";
        String output = store.hostedBatches().newFile(batch, batch.id() + "_output.jsonl", purpose);
        Optional<String> error =
                messages || batch.order().layout() == Layout.MERGED
                        ? Optional.empty()
                        : Optional.of(
                                store.hostedBatches()
                                        .newFile(batch, batch.id() + "_error.jsonl", purpose));
        return store.hostedBatches().advance(batch.id(), now -> now.writing(output, error));
    }

    /** Takes in what an earlier keeper wrote. */
    private void recall(String id) {
        HostedFile file =
                store.files()
                        .find(id)
                        .orElseThrow(
                                () ->
                                        new StoreException(
                                                "The file %s of batch %s is gone."
                                                        .formatted(id, batch.id())));
        var line = new Line();
        try (InputStream in =
                new BufferedInputStream(store.files().read(file, 0, file.bytes()), 1 << 18)) {
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    recall(line);
                    line.reset();
                } else {
                    line.write(b);
                }
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The file %s of batch %s can't be read (%s). Check the disk."
                            .formatted(id, batch.id(), e.getMessage()),
                    e);
        }
    }

    private void recall(Line line) {
        if (!(lines instanceof ResultLines.OpenAi form)) {
            return;
        }
        var place = form.place(line.bytes(), line.size());
        if (place.isEmpty()) {
            return;
        }
        written.set((int) place.getAsLong());
        switch (LineFacts.kind(line.bytes(), 0, line.size())) {
            case GOOD -> count(line.bytes(), 0, line.size());
            case FAILED -> failed++;
            case UNEXECUTED -> unexecuted++;
        }
    }

    /** A line, without a copy of its bytes. */
    private static final class Line extends ByteArrayOutputStream {
        Line() {
            super(4096);
        }

        byte[] bytes() {
            return buf;
        }
    }

    private void count(byte[] json, int offset, int length) {
        good++;
        LineFacts facts = LineFacts.of(json, offset, length);
        tokens = tokens.plus(facts.tokens());
        if (model.isEmpty()) {
            model = facts.model();
        }
    }

    /** The line of a request that was never sent; among good answers, as that API has it. */
    void refused(String customId, ItemError why) {
        if (lines instanceof ResultLines.Messages form) {
            write(output, form.refused(customId, why));
            failed++;
        }
    }

    /**
     * Appends what is there of a running job and not written yet; readers see it when it returns.
     */
    void append(JobId job) throws InterruptedException {
        long before = output.bytes();
        long beforeErrors = error.map(HostedFiles.Growth::bytes).orElse(0L);
        write(job, Selection.COMPLETED, Status.COMPLETED);
        if (output.bytes() > before) {
            output.flush();
        }
        if (error.isPresent() && error.get().bytes() > beforeErrors) {
            error.get().flush();
        }
    }

    /**
     * Writes the rest, all of which is durable then.
     *
     * @param job empty if there was nothing to send
     * @param end why requests without an outcome have none
     */
    Totals finish(Optional<JobId> job, Status end) throws InterruptedException {
        if (job.isPresent()) {
            write(job.get(), Selection.ALL, end);
        }
        output.flush();
        error.ifPresent(HostedFiles.Growth::flush);
        return new Totals(
                good,
                failed,
                unexecuted,
                tokens,
                model.or(batch::model),
                batch.outputFile().filter(file -> output.bytes() > 0),
                batch.errorFile().filter(file -> error.filter(e -> e.bytes() > 0).isPresent()));
    }

    private void write(JobId job, Selection selection, Status end) throws InterruptedException {
        boolean remembered = batch.order().layout() != Layout.APART;
        try (Results results = store.results(job, selection, written)) {
            for (int i = 1; results.hasNext(); i++) {
                StoredResult result = results.next();
                write(result, end);
                if (remembered) {
                    written.set((int) result.item().seq());
                }
                if (i % CHECKED_EVERY == 0) {
                    signal.check();
                }
            }
        }
    }

    private void write(StoredResult result, Status end) {
        boolean succeeded = result.kind() == StoredResult.Kind.SUCCEEDED;
        ByteArrayOutputStream line = lines.line(result, end);
        write(succeeded ? output : error.orElse(output), line);
        switch (result.kind()) {
            case SUCCEEDED -> {
                byte[] answer = line.toByteArray();
                count(answer, 0, answer.length);
            }
            case FAILED -> failed++;
            case PENDING -> unexecuted++;
        }
    }

    private static void write(HostedFiles.Growth file, ByteArrayOutputStream line) {
        byte[] bytes = line.toByteArray();
        file.write(bytes, 0, bytes.length);
    }

    @Override
    public void close() {
        try (output) {
            error.ifPresent(HostedFiles.Growth::close);
        }
    }
}
