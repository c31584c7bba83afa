package dev.batchwright.engine;

import dev.batchwright.job.Item;

import java.util.concurrent.Semaphore;

/**
 * Bounds the items that are open at once (read from the store, without an outcome), by number and
 * by the bytes of their requests: memory grows with what is in flight, never with the job (law 4).
 * Fair: a large item is not starved by small ones.
 */
final class Room {
    private static final int KILOBYTE = 1024;

    private final Semaphore places;
    private final Semaphore kilobytes;
    private final int allKilobytes;

    Room(int items, long bytes) {
        places = new Semaphore(items, true);
        allKilobytes = (int) Math.max(1, Math.min(bytes / KILOBYTE, Integer.MAX_VALUE));
        kilobytes = new Semaphore(allKilobytes, true);
    }

    void enter(Item item) throws InterruptedException {
        places.acquire();
        try {
            kilobytes.acquire(kilobytesOf(item));
        } catch (InterruptedException e) {
            places.release();
            throw e;
        }
    }

    void leave(Item item) {
        kilobytes.release(kilobytesOf(item));
        places.release();
    }

    // An item larger than the whole room gets it all to itself.
    private int kilobytesOf(Item item) {
        return Math.min(allKilobytes, 1 + item.request().body().length() / KILOBYTE);
    }
}
