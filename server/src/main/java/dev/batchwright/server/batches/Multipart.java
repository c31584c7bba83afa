package dev.batchwright.server.batches;

import dev.batchwright.server.edge.ApiError;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a {@code multipart/form-data} body, one after the other, read through one buffer
 * however large they are. A body that is none is answered with an {@link ApiError}. For one thread.
 */
final class Multipart {
    private static final int BUFFER = 256 << 10;
    private static final int MOST_HEAD = 16 << 10;
    private static final int MOST_FIELD = 64 << 10;
    private static final int MOST_PARTS = 100;
    private static final Pattern BOUNDARY =
            Pattern.compile("(?i)boundary=(?:\"([^\"]{1,200})\"|([^;\\s]{1,200}))");
    private static final Pattern DISPOSITION =
            Pattern.compile("(?im)^content-disposition:\\s*form-data\\s*(;.*)$");

    private final InputStream in;
    private final byte[] delimiter;
    private final byte[] buffer = new byte[BUFFER];
    private int start;
    private int end;
    private int parts;
    private boolean within;
    private boolean over;

    /**
     * A part's name, and its file name where it has one.
     *
     * @param name of the form's field
     */
    record Part(String name, Optional<String> filename) {}

    /** Takes the content of a part, piece by piece. */
    @FunctionalInterface
    interface Sink {
        void write(byte[] bytes, int offset, int length) throws IOException;
    }

    private Multipart(InputStream in, String boundary) {
        this.in = in;
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.UTF_8);
        // The first delimiter needs no line before it.
        buffer[0] = '\r';
        buffer[1] = '\n';
        end = 2;
    }

    /**
     * @param contentType of the request
     */
    static Multipart of(Optional<String> contentType, InputStream in) {
        String type = contentType.orElse("");
        Matcher boundary = BOUNDARY.matcher(type);
        if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data") || !boundary.find()) {
            throw ApiError.invalid(
                    "The request must be multipart/form-data, with the file in the field `file`.");
        }
        String quoted = boundary.group(1);
        return new Multipart(in, quoted == null ? boundary.group(2) : quoted);
    }

    /** The next part, whose content is to be read now; empty behind the last one. */
    Optional<Part> next() throws IOException {
        // The preamble, or what nobody wanted of the part before.
        read((bytes, offset, length) -> {}, parts == 0);
        if (over) {
            return Optional.empty();
        }
        parts++;
        if (parts > MOST_PARTS) {
            throw ApiError.invalid("The form has more than %d parts.".formatted(MOST_PARTS));
        }
        within = true;
        return Optional.of(part(head()));
    }

    /** The rest of this part. */
    void content(Sink sink) throws IOException {
        read(sink, false);
    }

    /** The content of a part that is no file. */
    String text() throws IOException {
        var text = new ByteArrayOutputStream();
        content(
                (bytes, offset, length) -> {
                    if (text.size() + length > MOST_FIELD) {
                        throw ApiError.invalid(
                                "A field of the form is longer than %,d bytes."
                                        .formatted(MOST_FIELD));
                    }
                    text.write(bytes, offset, length);
                });
        return text.toString(StandardCharsets.UTF_8);
    }

    // Up to the next delimiter and over it.
    private void read(Sink sink, boolean preamble) throws IOException {
        if (over || (!within && !preamble)) {
            return;
        }
        while (true) {
            int found = find();
            if (found > start) {
                sink.write(buffer, start, found - start);
                start = found;
            }
            if (end - start >= delimiter.length && isDelimiter(start)) {
                start += delimiter.length;
                within = false;
                afterDelimiter();
                return;
            }
            more();
        }
    }

    // Where the delimiter begins, or could begin if more came.
    private int find() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\r' && isDelimiter(i)) {
                return i;
            }
        }
        return end;
    }

    /** Whether it stands here, as far as bytes are there. */
    private boolean isDelimiter(int at) {
        int known = Math.min(delimiter.length, end - at);
        for (int i = 0; i < known; i++) {
            if (buffer[at + i] != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    private void afterDelimiter() throws IOException {
        int first = take();
        if (first == '-' && take() == '-') {
            over = true;
            drain();
            return;
        }
        while (first == ' ' || first == '\t') {
            first = take();
        }
        if (first != '\r' || take() != '\n') {
            throw malformed();
        }
    }

    // What follows the last delimiter means nothing; read, so that the connection can be used
    // again.
    private void drain() throws IOException {
        int count = 0;
        while (count >= 0) {
            count = in.read(buffer, 0, buffer.length);
        }
    }

    private String head() throws IOException {
        var head = new ByteArrayOutputStream();
        int line = 0;
        while (true) {
            int b = take();
            if (b == '\n') {
                if (line == 0) {
                    return head.toString(StandardCharsets.UTF_8);
                }
                line = 0;
            } else if (b != '\r') {
                line++;
            }
            head.write(b);
            if (head.size() > MOST_HEAD) {
                throw malformed();
            }
        }
    }

    private static Part part(String head) {
        Matcher disposition = DISPOSITION.matcher(head);
        if (!disposition.find()) {
            throw malformed();
        }
        String parameters = disposition.group(1);
        String name = parameter(parameters, "name").orElseThrow(Multipart::malformed);
        return new Part(name, parameter(parameters, "filename"));
    }

    private static Optional<String> parameter(String parameters, String name) {
        Matcher found =
                Pattern.compile(
                                "(?i);\\s*%s=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))"
                                        .formatted(name))
                        .matcher(parameters);
        if (!found.find()) {
            return Optional.empty();
        }
        String quoted = found.group(1);
        return Optional.of(
                quoted == null
                        ? found.group(2)
                        : quoted.replaceAll("\\\\(.)", "$1").replace("%22", "\""));
    }

    private int take() throws IOException {
        if (start == end) {
            more();
        }
        return buffer[start++];
    }

    private void more() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int count = in.read(buffer, end, buffer.length - end);
        if (count < 0) {
            throw malformed();
        }
        end += count;
    }

    private static ApiError malformed() {
        return ApiError.invalid("The multipart body can't be read: it is cut short or malformed.");
    }
}
