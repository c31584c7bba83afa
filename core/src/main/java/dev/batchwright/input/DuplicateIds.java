package dev.batchwright.input;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Finds ids that occur twice, and on which lines, in memory that does not grow with the input.
 *
 * <p>Every id is three longs: 128 bits of its SHA-256, and its line. The first {@link #IN_MEMORY}
 * are kept in one array. Beyond that they go to {@link #PARTITIONS} partitions by their first bits,
 * each a chain of 8 KB blocks in one temporary file: a full block is appended, and begins with the
 * place of the block before it. Equal ids meet in the same partition, so at the end one partition
 * after the other is read and searched through a small hash table.
 *
 * <p>Cost: 24 bytes of disk an id, written once and read once, 8 MB of memory, and at the end the
 * largest partition: 7 MB for 300 million ids. The file is deleted as soon as it is open where the
 * system allows that, so that a crash leaves nothing behind.
 */
final class DuplicateIds implements AutoCloseable {
    private static final int IN_MEMORY = 1 << 17;
    private static final int PARTITIONS = 1 << 10;
    private static final int ENTRY = 3;
    private static final int BLOCK = 1 + 341 * ENTRY;
    private static final long NO_BLOCK = -1;

    private final Path directory;
    private final int inMemory;
    private final MessageDigest digest = Fingerprint.sha256();
    private long[] entries = new long[ENTRY << 10];
    private int used;
    private @Nullable Spill spill;

    /** What is told of an id that was used before. */
    interface Finding {
        void duplicate(long line, long earlierLine);
    }

    /**
     * @param directory for the temporary file
     */
    DuplicateIds(Path directory) {
        this(directory, IN_MEMORY);
    }

    DuplicateIds(Path directory, int inMemory) {
        this.directory = directory;
        this.inMemory = inMemory;
    }

    void add(String id, long line) throws IOException {
        Hash128 hash = Hash128.of(digest.digest(id.getBytes(StandardCharsets.UTF_8)));
        if (spill != null) {
            spill.add(hash.first(), hash.second(), line);
            return;
        }
        if (used == entries.length) {
            entries = Arrays.copyOf(entries, used * 2);
        }
        entries[used] = hash.first();
        entries[used + 1] = hash.second();
        entries[used + 2] = line;
        used += ENTRY;
        if (used == inMemory * ENTRY) {
            spill = new Spill(directory);
            for (int i = 0; i < used; i += ENTRY) {
                spill.add(entries[i], entries[i + 1], entries[i + 2]);
            }
            entries = new long[0];
        }
    }

    /** Tells of every id that has an equal one on an earlier line. */
    void find(Finding finding) throws IOException {
        if (spill == null) {
            search(entries, used, finding);
            return;
        }
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long[] some = spill.read(partition);
            search(some, some.length, finding);
        }
    }

    private static void search(long[] entries, int used, Finding finding) {
        int count = used / ENTRY;
        int[] slots = new int[Integer.highestOneBit(Math.max(count, 1)) << 2];
        int mask = slots.length - 1;
        for (int i = 0; i < used; i += ENTRY) {
            int slot = (int) entries[i + 1] & mask;
            while (slots[slot] != 0 && !equal(entries, slots[slot] - 1, i)) {
                slot = (slot + 1) & mask;
            }
            if (slots[slot] == 0) {
                slots[slot] = i + 1;
                continue;
            }
            int known = slots[slot] - 1 + 2;
            long earlier = Math.min(entries[known], entries[i + 2]);
            finding.duplicate(Math.max(entries[known], entries[i + 2]), earlier);
            entries[known] = earlier;
        }
    }

    private static boolean equal(long[] entries, int a, int b) {
        return entries[a] == entries[b] && entries[a + 1] == entries[b + 1];
    }

    @Override
    public void close() throws IOException {
        if (spill != null) {
            spill.close();
        }
    }

    private static final class Spill implements AutoCloseable {
        private final Path file;
        private final FileChannel channel;
        private final ByteBuffer bytes = ByteBuffer.allocateDirect(BLOCK * Long.BYTES);
        private final LongBuffer longs = bytes.asLongBuffer();
        private final long[][] blocks = new long[PARTITIONS][BLOCK];
        private final int[] filled = new int[PARTITIONS];
        private final int[] counts = new int[PARTITIONS];
        private long length;

        Spill(Path directory) throws IOException {
            file = Files.createTempFile(directory, "ids-", ".spool");
            channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            for (int i = 0; i < PARTITIONS; i++) {
                blocks[i][0] = NO_BLOCK;
                filled[i] = 1;
            }
        }

        void add(long first, long second, long line) throws IOException {
            int partition = (int) (first >>> 54);
            long[] block = blocks[partition];
            int at = filled[partition];
            block[at] = first;
            block[at + 1] = second;
            block[at + 2] = line;
            filled[partition] = at + ENTRY;
            counts[partition]++;
            if (filled[partition] == BLOCK) {
                append(block);
                block[0] = length - bytes.capacity();
                filled[partition] = 1;
            }
        }

        private void append(long[] block) throws IOException {
            longs.clear().put(block);
            bytes.clear();
            while (bytes.hasRemaining()) {
                length += channel.write(bytes, length);
            }
        }

        long[] read(int partition) throws IOException {
            long[] entries = new long[Math.multiplyExact(counts[partition], ENTRY)];
            int at = filled[partition] - 1;
            System.arraycopy(blocks[partition], 1, entries, 0, at);
            long previous = blocks[partition][0];
            while (previous != NO_BLOCK) {
                bytes.clear();
                while (bytes.hasRemaining()) {
                    if (channel.read(bytes, previous + bytes.position()) < 0) {
                        throw new IOException(
                                "the temporary file %s was cut short".formatted(file));
                    }
                }
                previous = longs.get(0);
                longs.get(1, entries, at, BLOCK - 1);
                at += BLOCK - 1;
            }
            return entries;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
