import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;

/** Checks ({@code check}) or mends ({@code fix}) the format of every Java file below a folder. */
class Format {
    public static void main(String[] args) throws Exception {
        boolean fix = args[0].equals("fix");
        var formatter =
                new Formatter(
                        JavaFormatterOptions.builder()
                                .style(JavaFormatterOptions.Style.AOSP)
                                .build());
        var wrong = new ArrayList<Path>();
        try (var files = Files.walk(Path.of(args[1]))) {
            for (Path file : (Iterable<Path>) files.filter(Format::isSource)::iterator) {
                String source = Files.readString(file);
                String formatted =
                        RemoveUnusedImports.removeUnusedImports(
                                formatter.formatSourceAndFixImports(source));
                if (!formatted.equals(source)) {
                    wrong.add(file);
                    if (fix) {
                        Files.writeString(file, formatted);
                    }
                }
            }
        }
        wrong.forEach(file -> System.out.println((fix ? "formatted " : "not formatted: ") + file));
        if (!fix && !wrong.isEmpty()) {
            System.out.println("Run: build/format");
            System.exit(1);
        }
    }

    private static boolean isSource(Path file) {
        return file.toString().endsWith(".java") && !file.toString().contains("/target/");
    }
}
