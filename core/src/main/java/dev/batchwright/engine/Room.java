package dev.batchwright.engine;

import dev.batchwright.job.Item;

import java.util.concurrent.Semaphore;

/**
 * Bounds the items that are open at once (read from the store, without an outcome), by number and
 * by the bytes of their requests: memory grows with what is in flight, never with the job (law 4).
 * Fair: a large item is not starved by small ones. One thread enters, any may leave.
 */
final class Room {
    private static final int KILOBYTE = 1024;

    private final int allPlaces;
    private final Semaphore places;
    private final Semaphore kilobytes;
    private final int allKilobytes;

    Room(int items, long bytes) {
        allPlaces = items;
        places = new Semaphore(items, true);
        allKilobytes = (int) Math.max(1, Math.min(bytes / KILOBYTE, Integer.MAX_VALUE / 2));
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

    /**
     * Lets the one who waits to enter in at once; to be called once, when nobody will enter after
     * that. Otherwise he would wait for calls that are under way, however long they take.
     */
    void open() {
        places.release(allPlaces);
        kilobytes.release(allKilobytes);
    }

    // An item larger than the whole room gets it all to itself.
    private int kilobytesOf(Item item) {
        return Math.min(allKilobytes, 1 + item.request().body().length() / KILOBYTE);
    }
}
