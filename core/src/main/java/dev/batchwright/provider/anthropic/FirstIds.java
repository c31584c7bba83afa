package dev.batchwright.provider.anthropic;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Takes the beginning of a batch's results and no more: enough to see whose they are. */
final class FirstIds extends OutputStream {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST = 1 << 20;

    private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();

    /** There is enough: the rest need not come. */
    static final class EnoughException extends IOException {}

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        beginning.write(bytes, offset, Math.min(length, MOST - beginning.size()));
        if (beginning.size() == MOST || first().isPresent()) {
            throw new EnoughException();
        }
    }

    /** The id of the first row that names one; the row itself may be cut off after it. */
    Optional<String> first() {
        byte[] bytes = beginning.toByteArray();
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            Optional<String> id = id(bytes, start, end - start);
            if (id.isPresent()) {
                return id;
            }
            start = end + 1;
        }
        return Optional.empty();
    }

    private static Optional<String> id(byte[] bytes, int offset, int length) {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("custom_id") && value == JsonToken.VALUE_STRING) {
                    return Optional.of(parser.getString());
                }
                parser.skipChildren();
            }
        } catch (JacksonException cutOff) {
            // No id up to here.
        }
        return Optional.empty();
    }
}
