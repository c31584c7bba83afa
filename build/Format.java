import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.JavaFormatterOptions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Checks ({@code check}) or mends ({@code fix}) the format of every Java file below a folder. */
class Format {
    public static void main(String[] args) throws Exception {
        boolean fix = args[0].equals("fix");
        var formatter =
                new Formatter(
                        JavaFormatterOptions.builder()
                                .style(JavaFormatterOptions.Style.AOSP)
                                .build());
        List<Path> sources;
        try (var files = Files.walk(Path.of(args[1]))) {
            sources = files.filter(Format::isSource).toList();
        }
        List<Path> wrong =
                sources.parallelStream()
                        .filter(file -> !isFormatted(file, formatter, fix))
                        .toList();
        wrong.forEach(file -> System.out.println((fix ? "formatted " : "not formatted: ") + file));
        if (!fix && !wrong.isEmpty()) {
            System.out.println("Run: build/format");
            System.exit(1);
        }
    }

    /** And formats it, if {@code fix} says so. */
    private static boolean isFormatted(Path file, Formatter formatter, boolean fix) {
        try {
            String source = Files.readString(file);
            String formatted = formatter.formatSourceAndFixImports(source);
            if (fix && !formatted.equals(source)) {
                Files.writeString(file, formatted);
            }
            return formatted.equals(source);
        } catch (FormatterException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("/target/");
    }
}
