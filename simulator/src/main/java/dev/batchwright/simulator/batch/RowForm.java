package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import java.io.IOException;
import java.io.OutputStream;

/** How a provider writes its rows. Has no state. */
public interface RowForm {
    /** Reads a row that the check let pass. */
    Row read(byte[] buffer, int start, int length);

    /** What executing a request that is wrong in itself answers. */
    Reply refusal(Refusal refusal);

    /**
     * Writes a row of a result file, with its line feed.
     *
     * @param id names the row: unique, the same each time
     */
    void write(OutputStream out, String id, Row row, RowEnd end) throws IOException;

    /** Whether rows that did not succeed go to a file of their own. */
    boolean partsFailures();
}
