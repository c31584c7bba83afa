package dev.batchwright.http;

import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A {@link Body} as Apache's client takes it. */
final class CallEntity extends AbstractHttpEntity {
    private final Body body;

    CallEntity(Body body) {
        super(body.contentType(), null);
        this.body = body;
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
        body.writeTo(out);
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
}
