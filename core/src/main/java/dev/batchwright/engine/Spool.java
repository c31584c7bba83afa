package dev.batchwright.engine;

import dev.batchwright.http.Body;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.WireRequest;
import dev.batchwright.store.StoreException;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The input of a batch, written to a temporary file, because an upload wants to know its length and
 * may have to be repeated. The file has no name where the system allows that, so that a crash
 * leaves nothing behind.
 */
final class Spool implements AutoCloseable {
    private static final int BUFFER = 256 << 10;

    private final BatchTag tag;
    private final FileChannel file;
    private final long length;
    private final Cost cost;

    private Spool(BatchTag tag, FileChannel file, long length, Cost cost) {
        this.tag = tag;
        this.file = file;
        this.length = length;
        this.cost = cost;
    }

    /**
     * Writes these items under the ids of this tag.
     *
     * @param price the most that a request may cost
     */
    static Spool write(
            Path directory,
            BatchApi api,
            BatchTag tag,
            Stream<Item> items,
            Function<Item, Cost> price) {
        FileChannel file = null;
        try {
            Path path = Files.createTempFile(directory, "upload-", ".jsonl");
            file =
                    FileChannel.open(
                            path,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            var tally = new Tally(tag, items.iterator(), price);
            // Not closed: that would close the file, and with it goes its content.
            var out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER);
            api.write(tally, out);
            out.flush();
            return new Spool(tag, file, file.position(), tally.cost);
        } catch (IOException e) {
            close(file);
            throw new StoreException(
                    "The input of a batch can't be written to %s (%s). Free some space, then run the same command again; nothing was sent."
                            .formatted(directory, e.getMessage()),
                    e);
        } catch (RuntimeException e) {
            close(file);
            throw e;
        }
    }

    private static final class Tally implements Iterator<WireRequest> {
        private final BatchTag tag;
        private final Iterator<Item> items;
        private final Function<Item, Cost> price;
        private Cost cost = Cost.ZERO;

        Tally(BatchTag tag, Iterator<Item> items, Function<Item, Cost> price) {
            this.tag = tag;
            this.items = items;
            this.price = price;
        }

        @Override
        public boolean hasNext() {
            return items.hasNext();
        }

        @Override
        public WireRequest next() {
            Item item = items.next();
            cost = cost.plus(price.apply(item));
            return new WireRequest(tag.wireId(item.seq()), item.request());
        }
    }

    /** The tag under whose ids it was written. */
    BatchTag tag() {
        return tag;
    }

    /** What the whole may cost, at most. */
    Cost cost() {
        return cost;
    }

    /** Of the file. */
    long length() {
        return length;
    }

    Body body(String contentType) {
        return Body.file(file, length, contentType);
    }

    @Override
    public void close() {
        close(file);
    }

    private static void close(@org.jspecify.annotations.Nullable FileChannel file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                // A temporary file that is gone or going; nothing depends on it any more.
            }
        }
    }
}
