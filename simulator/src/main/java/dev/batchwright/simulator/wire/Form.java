package dev.batchwright.simulator.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A form ({@code multipart/form-data}) that lies on disk, with at most one file, which stays where
 * it is: only where it starts and ends is found out.
 *
 * @param fields the texts, in their order
 */
public record Form(Map<String, String> fields, Optional<UploadedFile> file) {
    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
    private static final Pattern NAME = Pattern.compile("(?i)[; ]name=\"([^\"]*)\"");
    private static final Pattern FILE_NAME = Pattern.compile("(?i)[; ]filename=\"([^\"]*)\"");
    private static final int BUFFER = 256 * 1024;
    private static final int LONGEST_HEAD = 8 * 1024;
    private static final int LONGEST_FIELD = 1024 * 1024;

    /**
     * A file in a form.
     *
     * @param field the name of its field
     * @param fields how many text fields came before it
     */
    public record UploadedFile(String field, String name, FileSlice content, int fields) {}

    /** Reads a form; nothing, if the body is none. */
    public static Optional<Form> read(String contentType, FileSlice body) {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!contentType.startsWith("multipart/form-data") || !boundary.find()) {
            return Optional.empty();
        }
        byte[] mark = ("\r\n--" + boundary.group(1)).getBytes(StandardCharsets.ISO_8859_1);
        List<Long> marks = marks(body, mark);
        Map<String, String> fields = new LinkedHashMap<>();
        Optional<UploadedFile> file = Optional.empty();
        for (int i = 0; i + 1 < marks.size(); i++) {
            long start = marks.get(i) + mark.length;
            FileSlice part = body.from(start).first(marks.get(i + 1) - start);
            String head = text(part.first(LONGEST_HEAD));
            int gap = head.indexOf("\r\n\r\n");
            Matcher name = NAME.matcher(gap < 0 ? "" : head.substring(0, gap));
            if (!name.find()) {
                continue;
            }
            FileSlice content = part.from(gap + 4);
            Matcher fileName = FILE_NAME.matcher(head.substring(0, gap));
            if (fileName.find()) {
                file =
                        Optional.of(
                                new UploadedFile(
                                        name.group(1),
                                        utf8(fileName.group(1)),
                                        content,
                                        fields.size()));
            } else {
                fields.put(name.group(1), utf8(text(content.first(LONGEST_FIELD))));
            }
        }
        return Optional.of(new Form(fields, file));
    }

    /** A field, or "". */
    public String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** One character a byte. */
    private static String text(FileSlice slice) {
        try (InputStream in = slice.open(0)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String utf8(String bytes) {
        return new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Where the mark is; the first may stand at the very start, without its line break. */
    private static List<Long> marks(FileSlice body, byte[] mark) {
        var marks = new ArrayList<Long>();
        try (InputStream in = body.open(0)) {
            var buffer = new byte[BUFFER];
            buffer[0] = '\r'; // as if the first mark had its line break, too
            buffer[1] = '\n';
            int filled = 2;
            long base = -2; // of the buffer's first byte in the body
            while (true) {
                int count = in.read(buffer, filled, buffer.length - filled);
                if (count < 0) {
                    return marks;
                }
                filled += count;
                int last = filled - mark.length;
                int i = 0;
                for (; i <= last; i++) {
                    if (buffer[i] == '\r'
                            && Arrays.equals(buffer, i, i + mark.length, mark, 0, mark.length)) {
                        marks.add(base + i);
                    }
                }
                System.arraycopy(buffer, i, buffer, 0, filled - i);
                base += i;
                filled -= i;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
