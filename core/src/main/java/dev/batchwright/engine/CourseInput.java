package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Item;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.provider.BatchOrder;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The input that a course sends, and the items that it was written from. It lies on disk from when
 * its cost is asked for until the batch exists; how many do at once is bounded, and who waits for
 * money gives the place back. A crash leaves nothing of it: it is written anew, under the same tag
 * where the tag is committed. For the thread of one course.
 */
final class CourseInput {
    private final HeldBatch held;
    private final Waits waits;
    private Optional<Spool> spool = Optional.empty();
    private boolean hasPlace;
    private SeqRanges items;

    CourseInput(HeldBatch held, Waits waits) {
        this.held = held;
        this.waits = waits;
        this.items = held.lease().shard().members();
    }

    /** The items of the input that was written last, in the order of its lines. */
    SeqRanges items() {
        return items;
    }

    /** Which item a line of it is; lines count from 1. */
    OptionalLong itemOfLine(long line) {
        return items.nth(line);
    }

    /** The input that lies there, under whatever tag. */
    Optional<Spool> written() {
        return spool;
    }

    /** Writes it under a new tag. */
    Spool writeAnew(BatchShard shard) throws InterruptedException {
        return of(shard, BatchTag.random(held.around().random()));
    }

    /** The input under this tag; written, if it is not there yet. */
    Spool of(BatchShard shard, BatchTag tag) throws InterruptedException {
        if (spool.isPresent() && spool.get().tag().equals(tag)) {
            return spool.get();
        }
        drop();
        waits.place(held.lane().spools());
        hasPlace = true;
        BatchRoute.Prices prices = held.prices(shard);
        items = held.left();
        try (Stream<Item> pending = held.around().worker().pending(held.lease())) {
            Spool written =
                    Spool.write(
                            held.around().scratch(),
                            held.api(shard),
                            tag,
                            pending,
                            item -> prices.batchCost(held.mostUsage(item)));
            spool = Optional.of(written);
            return written;
        }
    }

    /** What the provider is to make of it. */
    BatchOrder order(BatchShard shard, BatchTag tag) {
        var spec = held.around().job().spec();
        return new BatchOrder(
                tag,
                shard.endpoint(),
                shard.model(),
                items.size(),
                spec.batch().window().orElseGet(() -> held.offered(shard).window()),
                spec.metadata());
    }

    /** Nobody needs it any more; it may be written again. */
    void drop() {
        spool.ifPresent(Spool::close);
        spool = Optional.empty();
        if (hasPlace) {
            hasPlace = false;
            held.lane().spools().release();
        }
    }
}
