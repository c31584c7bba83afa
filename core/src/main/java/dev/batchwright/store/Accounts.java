package dev.batchwright.store;

import dev.batchwright.job.SpendingCap;

import java.util.List;
import java.util.Optional;

/**
 * What owners of jobs may spend, over all their jobs, in all processes of the store. The caps are
 * kept by the store itself: money is set aside before it can be spent ({@link Worker#draw}, {@link
 * BatchWork#fund}), and nothing gives it back but an outcome that is known. Thread-safe.
 */
public interface Accounts {
    /**
     * From now on this is what an owner may spend; empty: there is no end to it. It is counted from
     * the first cap on, and anew with a cap for another period.
     */
    void cap(String owner, Optional<SpendingCap> cap);

    /** How an owner stands; empty where there is no cap. */
    Optional<Account> find(String owner);

    /** All that have a cap, by their names. */
    List<Account> all();

    /** Settles what dead workers of these owners had set aside. Costs a query if there are none. */
    void settleDead();
}
