package dev.batchwright.cli;

import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command speaks: results and what was asked for go to standard output, everything about
 * how it goes to standard error. Only a terminal gets a line that is drawn over.
 *
 * <p>A standard output that can't be written is an error like that of a file, with one exception:
 * who reads it may leave early, as {@code head} does, and then there is nobody to complain to.
 */
final class Terminal {
    private final InputStream in;
    private final Watched out;
    private final PrintStream printer;
    private final PrintStream err;
    private final boolean errIsTerminal;

    Terminal(InputStream in, OutputStream out, OutputStream err, boolean errIsTerminal) {
        this.in = in;
        this.out = new Watched(out);
        this.printer =
                new PrintStream(new BufferedOutputStream(this.out), false, StandardCharsets.UTF_8);
        this.err = new PrintStream(err, true, StandardCharsets.UTF_8);
        this.errIsTerminal = errIsTerminal;
    }

    /** Standard input. */
    InputStream in() {
        return in;
    }

    /** Standard output, for bytes. */
    OutputStream out() {
        printer.flush();
        return out;
    }

    PrintStream err() {
        return err;
    }

    boolean errIsTerminal() {
        return errIsTerminal;
    }

    /** Says something to the user: one paragraph. */
    void say(String message, Object... details) {
        err.println(details.length == 0 ? message : message.formatted(details));
    }

    /** Prints a line of what was asked for. */
    void print(String line) {
        printer.print(line + "\n");
        mustBeWritten();
    }

    /** Makes everything printed arrive. */
    void flush() {
        printer.flush();
        err.flush();
        mustBeWritten();
    }

    /** Whether the reader of standard output has left. */
    boolean readerLeft() {
        IOException failure = out.failure;
        return failure != null && "Broken pipe".equals(failure.getMessage());
    }

    private void mustBeWritten() {
        IOException failure = out.failure;
        if (failure != null) {
            throw new CommandFailure(
                    ExitCode.BLOCKED,
                    "Standard output can't be written: %s. Make room there, or send it elsewhere."
                            .formatted(failure.getMessage()));
        }
    }

    /** Remembers what a print stream keeps to itself. */
    private static final class Watched extends OutputStream {
        private final OutputStream target;
        // Written by any thread that prints; the first failure counts.
        volatile @Nullable IOException failure;

        Watched(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                target.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            target.flush();
        }
    }
}
