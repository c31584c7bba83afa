package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Body;
import dev.batchwright.job.RawJson;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** JSON put together from words of ours and parts of another document, which are not copied. */
final class Splice implements Body {
    private final List<ByteBuffer> pieces = new ArrayList<>();
    private long length;

    Splice text(String json) {
        return bytes(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** The value as it stands. */
    Splice part(JsonPart value) {
        return bytes(value.bytes());
    }

    Splice bytes(ByteBuffer piece) {
        if (piece.hasRemaining()) {
            pieces.add(piece);
            length += piece.remaining();
        }
        return this;
    }

    Splice splice(Splice other) {
        other.pieces.forEach(this::bytes);
        return this;
    }

    void clear() {
        pieces.clear();
        length = 0;
    }

    boolean isEmpty() {
        return length == 0;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public String contentType() {
        return "application/json";
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        for (ByteBuffer piece : pieces) {
            out.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
        }
    }

    /** A copy in one piece. */
    RawJson json() {
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(length));
        pieces.forEach(piece -> whole.put(piece.duplicate()));
        return RawJson.of(whole.array());
    }
}
