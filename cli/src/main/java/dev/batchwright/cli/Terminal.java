package dev.batchwright.cli;

import java.io.PrintStream;
import java.io.PrintWriter;

/**
 * Where a command speaks: results and what was asked for go to {@code out}, everything about how it
 * goes to {@code err}. Only a terminal gets a line that is drawn over.
 */
record Terminal(PrintStream out, PrintStream err, boolean errIsTerminal) {
    static Terminal ofProcess() {
        // System.console() is there only if input and output are terminals; a redirected standard
        // output is the usual case here, so the error stream's own terminal is asked for.
        boolean terminal =
                System.getenv("TERM") != null
                        && !"dumb".equals(System.getenv("TERM"))
                        && ProcessStreams.errIsTerminal();
        return new Terminal(System.out, System.err, terminal);
    }

    /** Says something to the user: one paragraph. */
    void say(String message, Object... details) {
        err.println(details.length == 0 ? message : message.formatted(details));
    }

    void print(String line) {
        out.println(line);
    }

    PrintWriter writer() {
        return new PrintWriter(out, true, java.nio.charset.StandardCharsets.UTF_8);
    }
}
