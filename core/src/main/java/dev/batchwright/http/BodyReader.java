package dev.batchwright.http;

import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads an answer's body to its end, into one array of the right size where it is known. */
final class BodyReader {
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
        // One byte more than announced, to read the end of the stream too.
        byte[] start = in.readNBytes(announced >= 0 ? (int) announced + 1 : CHUNK);
        int next = announced >= 0 && start.length <= announced ? -1 : in.read();
        return next < 0 ? start : readOn(start, next, in, limit);
    }

    private static byte[] readOn(byte[] start, int next, InputStream in, int limit)
            throws IOException {
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
