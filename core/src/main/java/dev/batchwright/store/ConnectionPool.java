package dev.batchwright.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * A few connections, opened when they are first needed. A connection on which a statement failed is
 * closed instead of being used again.
 */
final class ConnectionPool implements AutoCloseable {
    interface Opener {
        Connection open() throws SQLException;
    }

    private final Opener opener;
    private final Semaphore free;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    ConnectionPool(int size, Opener opener) {
        this.opener = opener;
        this.free = new Semaphore(size, true);
    }

    <T> T with(Database.Work<T> work) throws SQLException {
        free.acquireUninterruptibly();
        try {
            if (closed) {
                throw new StoreException("The store was closed while it was in use.");
            }
            Connection pooled = idle.pollFirst();
            Connection connection = pooled == null ? opener.open() : pooled;
            boolean sound = false;
            try {
                T result = work.on(connection);
                sound = true;
                return result;
            } finally {
                if (sound && !closed) {
                    idle.addFirst(connection);
                } else {
                    connection.close();
                }
            }
        } finally {
            free.release();
        }
    }

    @Override
    public void close() throws SQLException {
        closed = true;
        for (Connection c = idle.pollFirst(); c != null; c = idle.pollFirst()) {
            c.close();
        }
    }
}
