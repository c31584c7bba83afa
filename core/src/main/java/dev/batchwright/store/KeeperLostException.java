package dev.batchwright.store;

/** A process wrote to a batch that another one keeps by now, or that was deleted. */
public final class KeeperLostException extends RuntimeException {
    KeeperLostException(String id) {
        super(
                "This process no longer keeps %s: it was cut off from the store for a while, and another one went on with it, or it was deleted."
                        .formatted(id));
    }
}
