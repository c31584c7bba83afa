package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.quirk.Quirk;
import dev.batchwright.simulator.quirk.Quirks;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Executes the rows of one batch in the order of its input, as far as it is told, and goes on from
 * there when it is told again. Between two calls it holds no file and no thread. Its batch sees to
 * it that only one thread is here at a time.
 */
final class Execution {
    private static final int BUFFER = 256 * 1024;

    private final Order order;
    private final Bill bill;
    private final Instant at;
    private final Quirks quirks;
    private final Scratch scratch;
    private final long salt;
    private FileSlice output;
    private FileSlice errors;
    private RowCursor.Place place = RowCursor.Place.START;
    private long succeeded;
    private long failed;
    private final NavigableMap<Integer, Long> failures = new TreeMap<>();
    private long unrun;
    private long promptTokens;
    private long completionTokens;

    Execution(Order order, Bill bill, Quirks quirks, Instant at, Scratch scratch) {
        this.order = order;
        this.bill = bill;
        this.quirks = quirks;
        this.at = at;
        this.scratch = scratch;
        this.output = new FileSlice(scratch.file(), 0, 0);
        this.errors = new FileSlice(scratch.file(), 0, 0);
        this.salt = RequestHash.of(order.id()).id();
    }

    long succeeded() {
        return succeeded;
    }

    long failed() {
        return failed;
    }

    /** How many rows failed with each status. */
    Map<Integer, Long> failures() {
        return new TreeMap<>(failures);
    }

    /** Rows that were given up. */
    long unrun() {
        return unrun;
    }

    long promptTokens() {
        return promptTokens;
    }

    long completionTokens() {
        return completionTokens;
    }

    FileSlice output() {
        return output;
    }

    FileSlice errors() {
        return errors;
    }

    /** Puts the rows of both files into another order; when all are written. */
    void reorder() {
        output = ResultLines.shuffled(output, scratch.file(), salt);
        errors = ResultLines.shuffled(errors, scratch.file(), salt);
    }

    /** Forgets the last rows that succeeded, which are paid nevertheless; when all are written. */
    void lose(int rows) {
        output = ResultLines.withoutLast(output, rows);
        succeeded = Math.max(0, succeeded - rows);
    }

    /** Executes until so many rows of the batch are done. */
    void advance(long rows) {
        if (place.row() < rows) {
            walk(rows, this::execute);
        }
    }

    /** Writes that the rest was not executed. */
    void giveUp(long rows, RowEnd end) {
        if (place.row() < rows) {
            walk(
                    rows,
                    (row, quirk) -> {
                        unrun++;
                        return end;
                    });
        }
    }

    private interface Step {
        RowEnd take(Row row, Optional<Quirk.OfRow> quirk);
    }

    private void walk(long rows, Step step) {
        try (var cursor = new RowCursor(order.rows(), place);
                var good = new Sink(output.path());
                var bad = new Sink(errors.path())) {
            while (cursor.place().row() < rows && cursor.next()) {
                Row row = order.form().read(cursor.buffer(), cursor.start(), cursor.length());
                String id = id(cursor.row());
                Optional<Quirk.OfRow> quirk = quirks.strikeRow(salt + cursor.row());
                RowEnd end = step.take(row, quirk);
                boolean apart = order.form().partsFailures() && !end.succeeded();
                write((apart ? bad : good).stream(), new Line(id, row, end), quirk);
            }
            place = cursor.place();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        output = new FileSlice(output.path(), 0, size(output.path()));
        errors = new FileSlice(errors.path(), 0, size(errors.path()));
    }

    /** A row of a result file. */
    private record Line(String id, Row row, RowEnd end) {}

    private void write(OutputStream out, Line line, Optional<Quirk.OfRow> quirk)
            throws IOException {
        if (quirk.isEmpty()) {
            order.form().write(out, line.id(), line.row(), line.end());
            return;
        }
        var bytes = new ByteArrayOutputStream();
        order.form().write(bytes, line.id(), line.row(), line.end());
        switch (quirk.get()) {
            case Quirk.RowMissing() -> {} // nothing of it
            case Quirk.RowFails any -> bytes.writeTo(out);
            case Quirk.RowTwice() -> {
                bytes.writeTo(out);
                bytes.writeTo(out);
            }
            case Quirk.RowUnknown() -> {
                bytes.writeTo(out);
                byte[] name = ("\"nobody-" + line.id() + "\"").getBytes(StandardCharsets.UTF_8);
                var unknown = new Row(name, line.row().endpoint(), line.row().body());
                order.form().write(out, line.id(), unknown, line.end());
            }
            case Quirk.RowGarbled() -> {
                out.write(bytes.toByteArray(), 0, bytes.size() / 2);
                out.write('\n');
            }
            case Quirk.RowBlank() -> {
                bytes.writeTo(out);
                out.write('\n');
            }
        }
    }

    private RowEnd execute(Row row, Optional<Quirk.OfRow> quirk) {
        RequestHash hash = RequestHash.of(row.endpoint().canonicalPath(), row.body());
        if (quirk.isPresent() && quirk.get() instanceof Quirk.RowFails fails) {
            return refused(hash, RowRefusal.of(fails.status()));
        }
        Arrival arrival = Arrival.post(row.endpoint().canonicalPath(), row.body(), at);
        return switch (row.endpoint().read(arrival, hash)) {
            case Intake.Refused(Refusal refusal) -> refused(hash, refusal);
            case Intake.Ready(Work work) -> {
                Answer answer = work.run();
                bill.executedInBatch(hash, answer.promptTokens(), answer.completionTokens());
                succeeded++;
                promptTokens += answer.promptTokens();
                completionTokens += answer.completionTokens();
                yield new RowEnd.Answered(
                        name(answer.reply(), hash), answer.reply().status(), body(answer.reply()));
            }
        };
    }

    private RowEnd refused(RequestHash hash, Refusal refusal) {
        failed++;
        Reply reply = order.form().refusal(refusal);
        failures.merge(reply.status(), 1L, Long::sum);
        return new RowEnd.Answered("req_" + hash.hex(32), reply.status(), body(reply));
    }

    /** The name under which the reply itself knows its request. */
    private static String name(Reply reply, RequestHash hash) {
        for (Header header : reply.headers()) {
            if (header.name().equals("x-request-id") || header.name().equals("request-id")) {
                return header.value();
            }
        }
        return "req_" + hash.hex(32);
    }

    private static byte[] body(Reply reply) {
        if (reply.parts().size() == 1) {
            return reply.parts().getFirst();
        }
        var all = new ByteArrayOutputStream();
        reply.parts().forEach(all::writeBytes);
        return all.toByteArray();
    }

    /** Sixteen digits: a mix of the batch and the row's number in which no two are the same. */
    private String id(long row) {
        long mixed = (row + salt) * 0x9E3779B97F4A7C15L; // odd, so that it loses nothing
        return HexFormat.of().toHexDigits(mixed ^ (mixed >>> 32));
    }

    private static long size(Path path) {
        try {
            return Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that is opened for its first row only. */
    private static final class Sink implements AutoCloseable {
        private final Path path;
        private OutputStream out = OutputStream.nullOutputStream();
        private boolean open;

        Sink(Path path) {
            this.path = path;
        }

        OutputStream stream() throws IOException {
            if (!open) {
                out =
                        new BufferedOutputStream(
                                Files.newOutputStream(
                                        path, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                                BUFFER);
                open = true;
            }
            return out;
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
