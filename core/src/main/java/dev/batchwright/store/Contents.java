package dev.batchwright.store;

import java.io.IOException;
import java.util.Set;

/** The bytes of hosted files, written from the start to the end and never changed. */
interface Contents extends AutoCloseable {
    /**
     * Writes a file from this place on; what lies behind it goes. A sync makes durable what was
     * appended, and no reader is told of it before.
     *
     * @param keeper who may write it, as its row says
     */
    Segments.Writer append(String file, String keeper, long from) throws IOException;

    Segments.Reader open(String file);

    /** Nothing to do if there is nothing. */
    void delete(String file);

    /** Files of which something is kept here that does not go with their row. */
    Set<String> files();

    @Override
    void close();
}
