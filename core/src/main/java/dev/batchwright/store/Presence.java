package dev.batchwright.store;

/**
 * Tells the living from the dead: whoever works on a job or loads one holds a lock under its id,
 * which the operating system or the database takes away when its process dies, however it dies.
 */
interface Presence extends AutoCloseable {
    /** Takes the lock of an id of our own. */
    Held hold(String id);

    /** Whether somebody holds the lock of this id. In doubt, yes. */
    boolean isAlive(String id);

    /** Removes what the lock of a dead id left behind. */
    void forget(String id);

    @Override
    void close();

    interface Held extends AutoCloseable {
        /**
         * @throws StoreException if the lock was lost: others take us for dead
         */
        void check();

        @Override
        void close();
    }
}
