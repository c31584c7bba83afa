package dev.batchwright.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file's bytes, read at their place: any number of calls may send them. */
record FileBody(FileChannel file, long length, String contentType) implements Body {
    private static final int CHUNK = 64 << 10;

    @Override
    public void writeTo(OutputStream out) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (long at = 0; at < length; at += chunk.position()) {
            chunk.clear().limit((int) Math.min(CHUNK, length - at));
            if (file.read(chunk, at) < 0) {
                throw new EOFException(
                        "The file to send has %d bytes, but %d were to be sent"
                                .formatted(at, length));
            }
            out.write(chunk.array(), 0, chunk.position());
        }
    }
}
