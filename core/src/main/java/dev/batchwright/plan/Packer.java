package dev.batchwright.plan;

import dev.batchwright.job.SeqRanges;

import java.util.Optional;

/**
 * Packs requests, in the order in which they come, into as few batches as their sizes allow, and
 * those evenly: a million requests become twenty full batches, sixty thousand become two of thirty
 * thousand. Holds the members of one batch.
 */
public final class Packer {
    private final BatchSize limit;
    private final long evenly;
    private SeqRanges.Builder members = new SeqRanges.Builder();
    private BatchSize size = BatchSize.NONE;

    /**
     * @param members in ascending order
     */
    public record Packed(SeqRanges members, BatchSize size) {}

    /**
     * @param limit of one batch
     * @param total of all that will be added
     */
    public Packer(BatchSize limit, BatchSize total) {
        this.limit = limit;
        this.evenly = Math.ceilDiv(total.requests(), total.batches(limit));
    }

    /** Whether a request fits into any batch at all. */
    public boolean takes(BatchSize request) {
        return request.fitsInto(limit);
    }

    /** Adds the next request; gives the batch before it if that is full. */
    public Optional<Packed> add(long seq, BatchSize request) {
        BatchSize more = size.plus(request);
        boolean full = size.requests() >= evenly || !more.fitsInto(limit);
        Optional<Packed> packed = full ? end() : Optional.empty();
        members.add(seq);
        size = size.plus(request);
        return packed;
    }

    /** The last batch; empty if nothing was added since the one before. */
    public Optional<Packed> end() {
        if (size.requests() == 0) {
            return Optional.empty();
        }
        var packed = new Packed(members.build(), size);
        members = new SeqRanges.Builder();
        size = BatchSize.NONE;
        return Optional.of(packed);
    }
}
