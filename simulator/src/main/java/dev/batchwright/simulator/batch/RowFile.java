package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

/** The rows of a batch, on disk. */
public record RowFile(FileSlice content, Framing framing) {
    /** What parts the rows. */
    public enum Framing {
        /** One row a line, as uploaded. */
        LINES,
        /** Four bytes of length before each row: for rows that were cut out of a JSON document. */
        LENGTHS
    }

    public static RowFile lines(FileSlice content) {
        return new RowFile(content, Framing.LINES);
    }
}
