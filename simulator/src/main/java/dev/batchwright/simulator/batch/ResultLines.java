package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Works on the lines of a result file as a whole. */
final class ResultLines {
    private static final int BUFFER = 256 * 1024;

    private ResultLines() {}

    /** The same lines in another order. */
    static FileSlice shuffled(FileSlice lines, Path target, long seed) {
        if (lines.length() == 0) {
            return lines; // it may never have been written
        }
        List<FileSlice> order = split(lines);
        Collections.shuffle(order, new Random(seed));
        try (FileChannel in = FileChannel.open(lines.path(), StandardOpenOption.READ);
                OutputStream out =
                        new BufferedOutputStream(Files.newOutputStream(target), BUFFER)) {
            for (FileSlice line : order) {
                ByteBuffer bytes = ByteBuffer.allocate((int) line.length());
                int read = 0;
                while (read >= 0 && bytes.hasRemaining()) {
                    read = in.read(bytes, line.offset() + bytes.position());
                }
                out.write(bytes.array());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FileSlice(target, 0, lines.length());
    }

    /** All but the last lines. */
    static FileSlice withoutLast(FileSlice lines, int count) {
        List<FileSlice> all = split(lines);
        int kept = Math.max(0, all.size() - count);
        return kept == all.size() ? lines : lines.first(all.get(kept).offset());
    }

    /** From behind so many lines on. */
    static FileSlice behind(FileSlice lines, long count) {
        List<FileSlice> all = split(lines);
        return count >= all.size()
                ? lines.from(lines.length())
                : lines.from(all.get((int) count).offset());
    }

    private static List<FileSlice> split(FileSlice lines) {
        var found = new ArrayList<FileSlice>();
        if (lines.length() == 0) {
            return found; // it may never have been written
        }
        try (InputStream in = lines.open(0)) {
            var buffer = new byte[BUFFER];
            long base = 0;
            long start = 0;
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] == '\n') {
                        long end = base + i + 1;
                        found.add(new FileSlice(lines.path(), start, end - start));
                        start = end;
                    }
                }
                base += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
