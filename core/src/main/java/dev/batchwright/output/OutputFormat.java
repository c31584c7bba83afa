package dev.batchwright.output;

import java.util.Locale;

/** How results are written, by the name of the file; {@code .gz} after it compresses. */
public enum OutputFormat {
    JSON_LINES,
    CSV,
    TSV;

    static OutputFormat byName(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        return name.endsWith(".csv") ? CSV : name.endsWith(".tsv") ? TSV : JSON_LINES;
    }
}
