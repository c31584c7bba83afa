package dev.batchwright.server.batches;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which bytes of a file a request asks for. */
sealed interface ByteRange {
    Pattern ONE = Pattern.compile("bytes=(\\d{1,18})?-(\\d{1,18})?");

    /** All of them: nothing was said, or nothing that one range could answer. */
    record Whole() implements ByteRange {}

    /**
     * @param to behind the last one
     */
    record Part(long from, long to) implements ByteRange {}

    /** None that are there. */
    record Outside() implements ByteRange {}

    /**
     * @param header as the client sent it
     */
    static ByteRange of(Optional<String> header, long size) {
        Matcher range = ONE.matcher(header.orElse("").strip());
        if (!range.matches()) {
            return new Whole();
        }
        String first = range.group(1);
        String last = range.group(2);
        if (first == null) {
            if (last == null) {
                return new Whole();
            }
            long suffix = Math.min(Long.parseLong(last), size);
            return suffix == 0 ? new Outside() : new Part(size - suffix, size);
        }
        long from = Long.parseLong(first);
        if (last != null && Long.parseLong(last) < from) {
            return new Whole();
        }
        long to = last == null ? size : Math.min(Long.parseLong(last) + 1, size);
        return from >= size ? new Outside() : new Part(from, to);
    }
}
