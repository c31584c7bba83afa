package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.SpendingCap;

/**
 * How an owner stands that may not spend without end.
 *
 * @param spent in the cap's period that lasts, also what may have been paid for calls whose outcome
 *     nobody saw
 * @param reserved what calls and batches under way may cost, at most
 */
public record Account(String owner, SpendingCap cap, Cost spent, Cost reserved) {
    /** What may still be set aside; below zero where the cap was lowered. */
    public Cost left() {
        return cap.amount().minus(spent).minus(reserved);
    }

    /** Whether nothing can be paid for now, not even when what is under way has settled. */
    public boolean isExhausted() {
        return spent.compareTo(cap.amount()) >= 0;
    }
}
