package dev.batchwright.http;

import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A {@link Body} as Apache's client takes it. */
final class CallEntity extends AbstractHttpEntity {
    private final Body body;
    private final Runnable progress;

    /**
     * @param progress told of all that went out
     */
    CallEntity(Body body, Runnable progress) {
        super(body.contentType(), null);
        this.body = body;
        this.progress = progress;
    }

    @Override
    public long getContentLength() {
        return body.length();
    }

    @Override
    public boolean isRepeatable() {
        return true;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        var line = new Line(out, progress);
        try {
            body.writeTo(line);
        } catch (IOException e) {
            if (line.failed) {
                throw e;
            }
            throw new OwnFailure(e);
        }
    }

    @Override
    public @Nullable InputStream getContent() {
        throw new UnsupportedOperationException("A body is written, not read");
    }

    @Override
    public boolean isStreaming() {
        return false;
    }

    @Override
    public void close() {}

    /** The way out; it remembers whether it was the one that failed. */
    private static final class Line extends OutputStream {
        private final OutputStream out;
        private final Runnable progress;
        private boolean failed;

        Line(OutputStream out, Runnable progress) {
            this.out = out;
            this.progress = progress;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                failed = true;
                throw e;
            }
            progress.run();
        }
    }
}
