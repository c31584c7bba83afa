package dev.batchwright.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * A form with one file, {@code multipart/form-data}: the fields in their order, then the file,
 * which is streamed. Its length is known beforehand: several providers refuse a chunked upload.
 */
public final class MultipartBody implements Body {
    private final String boundary = "batchwright-" + UUID.randomUUID();
    private final byte[] start;
    private final Body file;
    private final byte[] end;

    /** A field before the file. */
    public record Field(String name, String value) {}

    /**
     * @param fileField the name of the file's part, for most {@code file}
     * @param filename what the server is told the file is called; no quotes, no line breaks
     */
    public MultipartBody(List<Field> fields, String fileField, String filename, Body file) {
        if (!filename.matches("[^\"\\r\\n]+")) {
            throw new IllegalArgumentException("`%s` is no name for a file".formatted(filename));
        }
        var head = new StringBuilder();
        for (Field field : fields) {
            head.append(part("name=\"%s\"".formatted(field.name())))
                    .append("\r\n")
                    .append(field.value())
                    .append("\r\n");
        }
        head.append(part("name=\"%s\"; filename=\"%s\"".formatted(fileField, filename)))
                .append("Content-Type: %s\r\n\r\n".formatted(file.contentType()));
        this.start = head.toString().getBytes(StandardCharsets.UTF_8);
        this.file = file;
        this.end = "\r\n--%s--\r\n".formatted(boundary).getBytes(StandardCharsets.UTF_8);
    }

    private String part(String disposition) {
        return "--%s\r\nContent-Disposition: form-data; %s\r\n".formatted(boundary, disposition);
    }

    @Override
    public long length() {
        return start.length + file.length() + end.length;
    }

    @Override
    public String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        out.write(start);
        file.writeTo(out);
        out.write(end);
    }
}
