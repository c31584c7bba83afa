package dev.batchwright.http;

import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * Reads an answer's body to its end, into one array of the right size where it is known; unpacks
 * it.
 */
final class BodyReader {
    /** How an answer may be packed. */
    static final String ENCODINGS = "gzip, x-gzip";

    private static final byte[] EMPTY = {};
    private static final int CHUNK = 8 << 10;

    static final class TooLargeException extends IOException {}

    private BodyReader() {}

    static byte[] read(@Nullable HttpEntity entity, int limit) throws IOException {
        if (entity == null) {
            return EMPTY;
        }
        long announced = entity.getContentLength();
        if (announced > limit) {
            throw new TooLargeException();
        }
        // Not closed here: closing a chunked stream would first read it to its end, however far
        // that
        // is. Whoever runs the call ends it, or returns the connection once all is read.
        InputStream in = entity.getContent();
        if (in == null) {
            return EMPTY;
        }
        return switch (encoding(entity)) {
            case "" -> plain(in, announced, limit);
            case "gzip", "x-gzip" -> packed(in, limit);
            default -> throw new IOException("the answer is packed in a way nobody asked for");
        };
    }

    private static String encoding(HttpEntity entity) {
        String encoding = entity.getContentEncoding();
        return encoding == null || encoding.equalsIgnoreCase("identity")
                ? ""
                : encoding.toLowerCase(Locale.ROOT);
    }

    private static byte[] plain(InputStream in, long announced, int limit) throws IOException {
        if (announced < 0) {
            byte[] start = in.readNBytes(CHUNK);
            return readOn(start, start.length, in, limit);
        }
        byte[] body = new byte[(int) announced];
        int length = in.readNBytes(body, 0, body.length);
        // The end of the stream is read too.
        return readOn(body, length, in, limit);
    }

    private static byte[] packed(InputStream in, int limit) throws IOException {
        byte[] body = readOn(EMPTY, 0, new GZIPInputStream(in, CHUNK), limit);
        if (in.read() >= 0) {
            throw new IOException("the packed answer goes on behind its end");
        }
        return body;
    }

    private static byte[] readOn(byte[] start, int length, InputStream in, int limit)
            throws IOException {
        int next = length < start.length ? -1 : in.read();
        if (next < 0) {
            return length == start.length ? start : Arrays.copyOf(start, length);
        }
        var body = new ByteArrayOutputStream(4 * CHUNK);
        body.write(start);
        body.write(next);
        byte[] chunk = new byte[CHUNK];
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
            body.write(chunk, 0, read);
            if (body.size() > limit) {
                throw new TooLargeException();
            }
        }
        return body.toByteArray();
    }
}
