package dev.batchwright.http;

import dev.batchwright.job.RawJson;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** What a call sends. It may be written more than once: a redirect asks for it again. */
public interface Body {
    long length();

    String contentType();

    void writeTo(OutputStream out) throws IOException;

    /** Nothing, as a GET has it. */
    static Body none() {
        return json(RawJson.of(new byte[0]));
    }

    /**
     * The first bytes of a file, which must stay open and as it is while calls are under way. Reads
     * from its start each time and leaves the channel's position alone.
     */
    static Body file(FileChannel file, long length, String contentType) {
        return new FileBody(file, length, contentType);
    }

    /** A text, in UTF-8. */
    static Body text(String text, String contentType) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Body() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public String contentType() {
                return contentType;
            }

            @Override
            public void writeTo(OutputStream out) throws IOException {
                out.write(bytes);
            }
        };
    }

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
