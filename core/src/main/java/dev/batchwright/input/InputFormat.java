package dev.batchwright.input;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** How a file is cut into requests: by its name where that says it, else by its first bytes. */
enum InputFormat {
    JSON_LINES,
    CSV,
    TSV;

    byte delimiter() {
        return (byte) (this == TSV ? '\t' : ',');
    }

    static Optional<InputFormat> byName(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "csv" -> Optional.of(CSV);
            case "tsv", "tab" -> Optional.of(TSV);
            case "jsonl", "ndjson", "json" -> Optional.of(JSON_LINES);
            default -> Optional.empty();
        };
    }

    /**
     * @param head the first bytes of the content, after a byte order mark
     * @param anyHeader whether a table of one column is expected, whatever that column is called
     */
    static Optional<InputFormat> byContent(byte[] head, int offset, int length, boolean anyHeader) {
        String text = new String(head, offset, length, StandardCharsets.ISO_8859_1).stripLeading();
        if (text.startsWith("{") || text.startsWith("[")) {
            return Optional.of(JSON_LINES);
        }
        String header = text.lines().findFirst().orElse("");
        if (header.contains("\t")) {
            return Optional.of(TSV);
        }
        boolean oneColumn =
                anyHeader || header.isEmpty() || header.replace("\"", "").equals("prompt");
        return header.contains(",") || oneColumn ? Optional.of(CSV) : Optional.empty();
    }

    /** What content that is certainly none of ours is, and what to do with it. */
    static Optional<String> refusal(byte[] head, int offset, int length) {
        String text = new String(head, offset, length, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\u0003\u0004")) {
            return Optional.of(
                    "is a spreadsheet or a ZIP archive. Save the sheet as CSV (UTF-8), or unpack"
                            + " the archive.");
        }
        if (text.startsWith("PAR1")) {
            return Optional.of(
                    "is a Parquet file, which this version can't read. Convert it to CSV or JSON"
                            + " lines.");
        }
        if (text.startsWith("\u00FF\u00FE") || text.startsWith("\u00FE\u00FF")) {
            return Optional.of("is UTF-16. Save it as UTF-8 (`iconv -f UTF-16 -t UTF-8`).");
        }
        if (text.startsWith("(\u00B5/\u00FD")) {
            return Optional.of("is compressed with zstd. Unpack it first (`zstd -d`).");
        }
        if (text.indexOf('\0') >= 0) {
            return Optional.of(
                    "is a binary file. Batchwright reads JSON lines, CSV and TSV, in UTF-8.");
        }
        return Optional.empty();
    }
}
