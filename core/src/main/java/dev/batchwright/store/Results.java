package dev.batchwright.store;

import java.util.Iterator;

/** A stream of results in input order, for one thread; close it. */
public interface Results extends Iterator<StoredResult>, AutoCloseable {
    @Override
    void close();
}
