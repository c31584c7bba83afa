package dev.batchwright.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * Does what the quick commands do, once, in a directory of its own: the launcher runs it to record
 * the classes that they load.
 */
final class Warmup {
    private Warmup() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory("batchwright-warmup");
        try {
            var around = Surroundings.ofProcess();
            String store = directory.resolve("warmup.db").toString();
            Path input = Files.writeString(directory.resolve("rows.csv"), "text\nhello\n");
            Path out = directory.resolve("out.jsonl");
            Main.run(around, "--help");
            Main.run(around, "run", "--help");
            Main.run(
                    around,
                    "run",
                    input.toString(),
                    "--prompt",
                    "{{text}}",
                    "-p",
                    "echo",
                    "-o",
                    out.toString(),
                    "--store",
                    store);
            Main.run(around, "jobs", "--store", store);
            Main.run(around, "status", "last", "--store", store);
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
