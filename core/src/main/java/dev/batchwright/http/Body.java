package dev.batchwright.http;

import dev.batchwright.job.RawJson;

import java.io.IOException;
import java.io.OutputStream;

/** What a call sends. It may be written more than once: a redirect asks for it again. */
public interface Body {
    long length();

    String contentType();

    void writeTo(OutputStream out) throws IOException;

    static Body json(RawJson json) {
        return new Body() {
            @Override
            public long length() {
                return json.length();
            }

            @Override
            public String contentType() {
                return "application/json";
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                json.writeTo(out);
            }
        };
    }
}
