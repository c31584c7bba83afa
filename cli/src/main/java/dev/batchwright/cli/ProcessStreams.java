package dev.batchwright.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the standard streams of this process are connected to. */
final class ProcessStreams {
    private ProcessStreams() {}

    /**
     * Whether standard error is a terminal. Java tells only about input and output together, so on
     * Linux the link of the file descriptor is read; elsewhere Java's answer has to do.
     */
    @SuppressWarnings("SystemConsoleNull") // Good enough where the system does not tell.
    static boolean errIsTerminal() {
        Path descriptor = Path.of("/proc/self/fd/2");
        if (Files.isSymbolicLink(descriptor)) {
            try {
                String target = Files.readSymbolicLink(descriptor).toString();
                return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
            } catch (IOException unreadable) {
                return false;
            }
        }
        return System.console() != null;
    }
}
