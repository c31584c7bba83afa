package dev.batchwright.simulator.bill;

/**
 * Counts per request, compact: a hash table with open addressing over the requests' ids, 24 bytes
 * an entry. A million requests take about 50 to 100 MB. Not thread-safe; {@link Bill} holds many of
 * them, each under its own lock.
 */
final class ExecutionTable {
    private static final int FIRST_SIZE = 64;

    private long[] ids = new long[FIRST_SIZE];
    private int[] attempts = new int[FIRST_SIZE]; // of live calls
    private int[] executions = new int[FIRST_SIZE];
    private int[] spoiled = new int[FIRST_SIZE];
    private int[] inBatches = new int[FIRST_SIZE]; // a slot without these and attempts is free
    private int used;

    interface Visitor {
        void visit(long id, RequestCount count);
    }

    /** Counts an attempt of a request, and tells which one it is, from 1. */
    int attempted(long id) {
        int slot = taken(id); // may replace the arrays
        return ++attempts[slot];
    }

    /** Counts an execution as a row of a batch. */
    void executedInBatch(long id) {
        int slot = taken(id); // may replace the arrays
        inBatches[slot]++;
    }

    /** The slot of a request, which the caller will count. */
    private int taken(long id) {
        int slot = slot(id);
        if (!free(slot)) {
            return slot;
        }
        if ((used + 1) * 10L > ids.length * 7L) {
            grow();
            slot = slot(id);
        }
        ids[slot] = id;
        used++;
        return slot;
    }

    private boolean free(int slot) {
        return attempts[slot] == 0 && inBatches[slot] == 0;
    }

    void executed(long id) {
        int slot = slot(id);
        if (!free(slot)) { // else the bill was reset while the request ran
            executions[slot]++;
        }
    }

    void spoiled(long id) {
        int slot = slot(id);
        if (!free(slot)) {
            spoiled[slot]++;
        }
    }

    RequestCount count(long id) {
        return at(slot(id));
    }

    private RequestCount at(int slot) {
        return new RequestCount(attempts[slot], executions[slot], spoiled[slot], inBatches[slot]);
    }

    int size() {
        return used;
    }

    void forEach(Visitor visitor) {
        for (int slot = 0; slot < ids.length; slot++) {
            if (!free(slot)) {
                visitor.visit(ids[slot], at(slot));
            }
        }
    }

    private int slot(long id) {
        int mask = ids.length - 1;
        int slot = (int) id & mask; // ids are hashes already
        while (!free(slot) && ids[slot] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldIds = ids;
        int[] oldAttempts = attempts;
        int[] oldExecutions = executions;
        int[] oldSpoiled = spoiled;
        int[] oldInBatches = inBatches;
        ids = new long[oldIds.length * 2];
        attempts = new int[ids.length];
        executions = new int[ids.length];
        spoiled = new int[ids.length];
        inBatches = new int[ids.length];
        for (int old = 0; old < oldIds.length; old++) {
            if (oldAttempts[old] != 0 || oldInBatches[old] != 0) {
                int slot = slot(oldIds[old]);
                ids[slot] = oldIds[old];
                attempts[slot] = oldAttempts[old];
                executions[slot] = oldExecutions[old];
                spoiled[slot] = oldSpoiled[old];
                inBatches[slot] = oldInBatches[old];
            }
        }
    }

    void clear() {
        ids = new long[FIRST_SIZE];
        attempts = new int[FIRST_SIZE];
        executions = new int[FIRST_SIZE];
        spoiled = new int[FIRST_SIZE];
        inBatches = new int[FIRST_SIZE];
        used = 0;
    }
}
