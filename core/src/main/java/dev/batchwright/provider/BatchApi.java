package dev.batchwright.provider;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Request;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Iterator;

/**
 * A provider's batch API, one step a method. Nothing here decides what to do next, repeats a call,
 * or remembers: that is the engine's, which commits an intent before each step that creates
 * something. Every call goes out once and whatever happens comes back as a {@link BatchAnswer}.
 *
 * <p>Thread-safe.
 */
public interface BatchApi {
    /** What this API takes of one endpoint and model, or why it takes nothing of it. */
    BatchOffer offer(String endpoint, String model);

    /**
     * The bytes that a request takes in a batch's input, at most, with all that is around it.
     * Quick: asked for every item.
     */
    long size(Request request);

    /**
     * Writes the input of a batch as the provider wants it: a file of lines, or the body of the
     * create call. Streams; the requests are all of one endpoint.
     */
    void write(Iterator<WireRequest> requests, OutputStream out) throws IOException;

    /**
     * Uploads an input; gives the provider's name for it. Only where the offer says that there is
     * an upload.
     */
    BatchAnswer<String> upload(BatchOrder order, Body input) throws InterruptedException;

    /**
     * Creates the batch. This is what costs money: {@link BatchAnswer.Later} and {@link
     * BatchAnswer.Refused} may be answered only where it is certain that nothing was created;
     * everything else is {@link BatchAnswer.Unknown}.
     */
    BatchAnswer<RemoteBatch> create(BatchOrder order, BatchInput input) throws InterruptedException;

    /**
     * Looks for a batch that a lost call may have created, through every page back to that time.
     *
     * @param since when that call was made; the clocks may differ by some minutes
     */
    BatchAnswer<Search> find(BatchOrder order, BatchInput input, Instant since)
            throws InterruptedException;

    /** How far a batch is. A batch that is not found is {@link BatchAnswer.Missing}. */
    BatchAnswer<RemoteBatch> poll(String batchId) throws InterruptedException;

    /** Asks for a batch to end soon; it may end by itself meanwhile, which is no failure. */
    BatchAnswer<RemoteBatch> cancel(String batchId) throws InterruptedException;

    /**
     * Streams a result file into {@code out}, as lines ending in a newline each. A part of a file
     * ({@link ResultFile#behind}) is given only if it is certain where it begins, else refused.
     *
     * @param from how many bytes of the same file {@code out} has already, from an earlier call
     *     that was cut off; 0 unless {@link BatchOffer.Offered#resumable} results
     * @return how many bytes the file has, a newline at its end included
     * @throws java.io.UncheckedIOException with what {@code out} threw
     */
    BatchAnswer<Long> download(ResultFile file, long from, OutputStream out)
            throws InterruptedException;

    /**
     * Reads one line of a result file of a batch of this endpoint. Never throws for what is in the
     * line.
     *
     * @param line may be changed by the caller afterwards
     */
    ResultRow read(String endpoint, byte[] line, int offset, int length);

    /** The name under which a batch of ours is known to the provider. */
    static String displayName(BatchTag tag) {
        return "batchwright-" + tag;
    }
}
