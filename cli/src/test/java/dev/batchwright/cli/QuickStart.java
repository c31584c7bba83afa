package dev.batchwright.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How processes of the command line start fast: the quick compiler alone and, where the JDK can
 * make one, a cache of loaded classes. A cache takes classes from archives only, so that
 * directories of the class path are packed first.
 */
record QuickStart(List<String> command) {
    private static final int FIRST_WITH_CACHE = 25;

    static QuickStart prepare(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        var entries = new ArrayList<String>();
        for (String entry :
                System.getProperty("java.class.path")
                        .split(Pattern.quote(File.pathSeparator), -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            entries.add(
                    (Files.isDirectory(path)
                                    ? packed(path, folder.resolve(entries.size() + ".jar"))
                                    : path)
                            .toString());
        }
        var plain =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xshare:auto",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        String.join(File.pathSeparator, entries));
        if (Runtime.version().feature() < FIRST_WITH_CACHE) {
            return new QuickStart(plain);
        }
        Path cache = folder.resolve("classes.aot").toAbsolutePath();
        train(with(plain, "-XX:AOTCacheOutput=" + cache), folder);
        return new QuickStart(
                Files.exists(cache)
                        ? with(plain, "-XX:AOTCache=" + cache, "-Xlog:aot*=off", "-Xlog:cds*=off")
                        : plain);
    }

    private static List<String> with(List<String> command, String... options) {
        return Stream.concat(command.stream(), Stream.of(options)).toList();
    }

    private static Path packed(Path directory, Path archive) throws IOException {
        try (var jar = new JarOutputStream(Files.newOutputStream(archive));
                Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(file).toString();
                jar.putNextEntry(new JarEntry(name.replace(File.separatorChar, '/')));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return archive.toAbsolutePath();
    }

    /** A run that loads what others will load. */
    private static void train(List<String> command, Path folder)
            throws IOException, InterruptedException {
        Files.writeString(folder.resolve("in.jsonl"), "{\"model\":\"m\",\"prompt\":\"one\"}\n");
        var training = new ArrayList<>(command);
        training.add(MortalMain.class.getName());
        training.addAll(List.of("run", "in.jsonl", "-p", "echo", "--store", "store.db"));
        int unusedCode =
                new ProcessBuilder(training)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("training.log").toFile())
                        .start()
                        .waitFor();
    }
}
