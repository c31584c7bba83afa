package dev.batchwright.simulator.bill;

/**
 * Counts per request, compact: a hash table with open addressing over the requests' ids, 20 bytes
 * an entry. A million requests take about 40 to 80 MB. Not thread-safe; {@link Bill} holds many of
 * them, each under its own lock.
 */
final class ExecutionTable {
    private static final int FIRST_SIZE = 64;

    private long[] ids = new long[FIRST_SIZE];
    private int[] attempts = new int[FIRST_SIZE]; // 0 marks a free slot
    private int[] executions = new int[FIRST_SIZE];
    private int[] spoiled = new int[FIRST_SIZE];
    private int used;

    interface Visitor {
        void visit(long id, int attempts, int executions, int spoiled);
    }

    /** Counts an attempt of a request, and tells which one it is, from 1. */
    int attempted(long id) {
        int slot = slot(id);
        if (attempts[slot] == 0) {
            if ((used + 1) * 10L > ids.length * 7L) {
                grow();
                slot = slot(id);
            }
            ids[slot] = id;
            used++;
        }
        return ++attempts[slot];
    }

    void executed(long id) {
        int slot = slot(id);
        if (attempts[slot] != 0) { // else the bill was reset while the request ran
            executions[slot]++;
        }
    }

    void spoiled(long id) {
        int slot = slot(id);
        if (attempts[slot] != 0) {
            spoiled[slot]++;
        }
    }

    RequestCount count(long id) {
        int slot = slot(id);
        return new RequestCount(attempts[slot], executions[slot], spoiled[slot]);
    }

    int size() {
        return used;
    }

    void forEach(Visitor visitor) {
        for (int slot = 0; slot < ids.length; slot++) {
            if (attempts[slot] != 0) {
                visitor.visit(ids[slot], attempts[slot], executions[slot], spoiled[slot]);
            }
        }
    }

    private int slot(long id) {
        int mask = ids.length - 1;
        int slot = (int) id & mask; // ids are hashes already
        while (attempts[slot] != 0 && ids[slot] != id) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldIds = ids;
        int[] oldAttempts = attempts;
        int[] oldExecutions = executions;
        int[] oldSpoiled = spoiled;
        ids = new long[oldIds.length * 2];
        attempts = new int[ids.length];
        executions = new int[ids.length];
        spoiled = new int[ids.length];
        for (int old = 0; old < oldIds.length; old++) {
            if (oldAttempts[old] != 0) {
                int slot = slot(oldIds[old]);
                ids[slot] = oldIds[old];
                attempts[slot] = oldAttempts[old];
                executions[slot] = oldExecutions[old];
                spoiled[slot] = oldSpoiled[old];
            }
        }
    }

    void clear() {
        ids = new long[FIRST_SIZE];
        attempts = new int[FIRST_SIZE];
        executions = new int[FIRST_SIZE];
        spoiled = new int[FIRST_SIZE];
        used = 0;
    }
}
