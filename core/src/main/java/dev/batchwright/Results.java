package dev.batchwright;

import dev.batchwright.job.JobId;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoredResult;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The results of one job of the store, read a page at a time: nothing is held open in between, so
 * whoever stops in the middle leaves nothing behind. While the job goes on, it waits for more.
 *
 * <p>Memory: one page of results, and a bit for each item of the job. Looking for more costs what
 * is new, and is done ever less often while nothing is. For one thread.
 */
final class Results implements Iterator<StoredResult> {
    private static final int PAGE_ITEMS = 500;
    private static final int PAGE_BYTES = 4 << 20;
    private static final long SHORTEST_WAIT = 20;
    private static final long LONGEST_WAIT = 1_000;

    private final JobStore store;
    private final JobId job;
    private final Order order;
    private final CompletableFuture<JobStatus> end;
    private final BitSet known = new BitSet();
    private final Deque<StoredResult> page = new ArrayDeque<>();
    private long wait = SHORTEST_WAIT;
    private boolean complete;

    /** Which results, in which order; all but the first in that of the input. */
    enum Order {
        /** All, as they come. */
        COMPLETION(true),
        /** All, each when those before it are there; in the end also those without an outcome. */
        INPUT(true),
        /** Those there are now. */
        COMPLETED_NOW(false),
        /** Those there are now and, if the job is over, those without an outcome. */
        ENDED_NOW(false),
        /** Every item, with what there is of it now. */
        EVERY_NOW(false);

        private final boolean waits;

        Order(boolean waits) {
            this.waits = waits;
        }

        boolean waits() {
            return waits;
        }
    }

    /**
     * @param end of the work on the job
     */
    Results(JobStore store, JobId job, Order order, CompletableFuture<JobStatus> end) {
        this.store = store;
        this.job = job;
        this.order = order;
        this.end = end;
        known.set(0); // Places are counted from 1.
    }

    @Override
    public boolean hasNext() {
        while (page.isEmpty() && !complete) {
            boolean over = !order.waits() || end.isDone();
            read(over);
            if (page.isEmpty()) {
                if (over) {
                    complete = true;
                    mustHaveEndedWell();
                } else {
                    await();
                }
            } else {
                wait = SHORTEST_WAIT;
            }
        }
        return !page.isEmpty();
    }

    @Override
    public StoredResult next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.removeFirst();
    }

    private void read(boolean over) {
        Selection selection =
                switch (order) {
                    case COMPLETION, COMPLETED_NOW -> Selection.COMPLETED;
                    case INPUT -> over ? Selection.ALL : Selection.COMPLETED;
                    case ENDED_NOW -> end.join().isOver() ? Selection.ALL : Selection.COMPLETED;
                    case EVERY_NOW -> Selection.ALL;
                };
        Failures.translated(
                () -> {
                    try (var stored = store.results(job, selection, known)) {
                        int bytes = 0;
                        while (page.size() < PAGE_ITEMS && bytes < PAGE_BYTES && stored.hasNext()) {
                            StoredResult result = stored.next();
                            int place = Math.toIntExact(result.item().seq());
                            if (order == Order.INPUT && place != known.nextClearBit(0)) {
                                break;
                            }
                            known.set(place);
                            page.add(result);
                            bytes += result.answer().length();
                        }
                    }
                    return true;
                });
    }

    private void mustHaveEndedWell() {
        try {
            JobStatus unusedEnd = Job.get(end);
        } catch (InterruptedException e) {
            throw Job.interrupted(e);
        }
    }

    /** Until there may be more: a while, or the end of the work. */
    private void await() {
        try {
            end.get(wait, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            wait = Math.min(LONGEST_WAIT, wait * 3 / 2);
        } catch (ExecutionException e) {
            // What there is comes first.
            wait = SHORTEST_WAIT;
        } catch (InterruptedException e) {
            throw Job.interrupted(e);
        }
    }
}
