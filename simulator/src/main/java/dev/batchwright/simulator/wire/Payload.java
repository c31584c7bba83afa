package dev.batchwright.simulator.wire;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The body of a call on the batch side: small ones are in memory, others on disk. */
public sealed interface Payload {
    long length();

    InputStream open();

    /** The whole, in memory: for bodies that are small by their nature. */
    byte[] bytes();

    /** The body as a file that stays; written to {@code target} if it is in memory only. */
    FileSlice file(Path target);

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record InMemory(byte[] bytes) implements Payload {
        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public FileSlice file(Path target) {
            try {
                Files.write(target, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new FileSlice(target, 0, bytes.length);
        }
    }

    record OnDisk(Path path, long length) implements Payload {
        @Override
        public InputStream open() {
            return new FileSlice(path, 0, length).open(0);
        }

        @Override
        public byte[] bytes() {
            try {
                return Files.readAllBytes(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public FileSlice file(Path target) {
            return new FileSlice(path, 0, length);
        }
    }
}
