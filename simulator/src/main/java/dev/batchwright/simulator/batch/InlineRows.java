package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Payload;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The rows that came inside of one JSON document, as elements of an array: cut out of it, byte for
 * byte, without a tree of the whole.
 *
 * @param rows one record for each element
 * @param count of the elements
 * @param rest the document with an empty array in the place of that one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record InlineRows(RowFile rows, long count, byte[] rest) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int BUFFER = 256 * 1024;

    /**
     * Cuts; nothing, if the body is not one JSON object.
     *
     * @param array tells the path of the array that is meant, like {@code batch.requests}
     * @param target where the rows go
     */
    public static Optional<InlineRows> cut(Payload body, Predicate<String> array, Path target) {
        var rest = new ByteArrayOutputStream();
        long count;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body.open());
                var bytes = new Copier(body.open());
                var rows =
                        new DataOutputStream(
                                new BufferedOutputStream(Files.newOutputStream(target), BUFFER))) {
            count = cut(parser, bytes, array, rows, rest);
        } catch (JacksonException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return count < 0
                ? Optional.empty()
                : Optional.of(
                        new InlineRows(
                                new RowFile(
                                        new FileSlice(target, 0, target.toFile().length()),
                                        RowFile.Framing.LENGTHS),
                                count,
                                rest.toByteArray()));
    }

    /** The number of rows, or -1 if this is no object. */
    private static long cut(
            JsonParser parser,
            Copier bytes,
            Predicate<String> array,
            DataOutputStream rows,
            OutputStream rest)
            throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return -1;
        }
        long count = 0;
        List<String> names = new ArrayList<>(); // of the members that we are in
        names.add("");
        while (!names.isEmpty()) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return -1;
            }
            switch (token) {
                case PROPERTY_NAME -> names.set(names.size() - 1, parser.currentName());
                case START_OBJECT -> names.add("");
                case END_OBJECT, END_ARRAY -> names.removeLast();
                case START_ARRAY -> {
                    if (array.test(String.join(".", names))) {
                        bytes.copyUpTo(end(parser), rest);
                        count += elements(parser, bytes, rows);
                        bytes.skipTo(parser.currentTokenLocation().getByteOffset());
                    } else {
                        names.add("");
                    }
                }
                default -> {} // a value of no interest
            }
        }
        bytes.copyUpTo(end(parser), rest);
        return count;
    }

    private static long elements(JsonParser parser, Copier bytes, DataOutputStream rows)
            throws IOException {
        long count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            long start = parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            parser.finishToken();
            long end = end(parser);
            bytes.skipTo(start);
            rows.writeInt((int) (end - start));
            bytes.copyUpTo(end, rows);
            count++;
        }
        return count;
    }

    private static long end(JsonParser parser) {
        return parser.currentLocation().getByteOffset();
    }

    /** Copies the same document, some way behind the parser. */
    private static final class Copier implements AutoCloseable {
        private final InputStream in;
        private final byte[] buffer = new byte[BUFFER];
        private long position;

        Copier(InputStream in) {
            this.in = new BufferedInputStream(in, BUFFER);
        }

        void copyUpTo(long end, OutputStream out) throws IOException {
            while (position < end) {
                int count = in.read(buffer, 0, (int) Math.min(buffer.length, end - position));
                if (count < 0) {
                    throw new EOFException("The body became shorter while it was read.");
                }
                out.write(buffer, 0, count);
                position += count;
            }
        }

        void skipTo(long end) throws IOException {
            copyUpTo(end, OutputStream.nullOutputStream());
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
