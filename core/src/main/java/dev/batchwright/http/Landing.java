package dev.batchwright.http;

import dev.batchwright.http.HttpResult.Broken;
import dev.batchwright.http.HttpResult.Response;

import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Where the body of a good answer goes. */
sealed interface Landing {
    Landing MEMORY = new Memory();
    Landing HERE = new Here();

    /** Into the result. */
    record Memory() implements Landing {}

    /** Into the result, and so does that of a redirect. */
    record Here() implements Landing {}

    /** Into the caller's stream, without its first bytes. */
    record Stream(OutputStream out, long skip) implements Landing {
        private static final int CHUNK = 64 << 10;
        private static final byte[] EMPTY = {};

        HttpResult read(ClassicHttpResponse response, Headers headers, Runnable progress)
                throws IOException {
            HttpEntity entity = response.getEntity();
            InputStream in = entity == null ? null : entity.getContent();
            // Not closed here, as in BodyReader.
            long length =
                    copy(
                            in == null ? InputStream.nullInputStream() : in,
                            new byte[CHUNK],
                            progress);
            return length < skip
                    ? new Broken(
                            "the file has %d bytes now, fewer than the %d that were read of it before"
                                    .formatted(length, skip))
                    : new Response(response.getCode(), headers, EMPTY);
        }

        private long copy(InputStream in, byte[] chunk, Runnable progress) throws IOException {
            long length = 0;
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                progress.run();
                int start = (int) Math.clamp(skip - length, 0L, (long) read);
                length += read;
                if (start < read) {
                    write(chunk, start, read - start);
                    // A disk that takes its time is not the server's silence.
                    progress.run();
                }
            }
            return length;
        }

        private void write(byte[] bytes, int offset, int count) {
            try {
                out.write(bytes, offset, count);
            } catch (IOException | RuntimeException own) {
                throw new OwnFailure(own);
            }
        }
    }
}
