package dev.batchwright;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * The Javadoc of what users call is whole and sound, by the compiler's doclint. Sentences say what
 * goes in and comes out; tags for each parameter and result are not asked for.
 */
class JavadocTest {
    private static final List<String> PUBLIC =
            List.of("dev.batchwright", "dev.batchwright.schema", "dev.batchwright.answer");

    @TempDir Path classes;

    @Test
    void everything_public_is_described() throws Exception {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        var found = new DiagnosticCollector<JavaFileObject>();
        try (var files = compiler.getStandardFileManager(found, Locale.ENGLISH, null)) {
            List<String> options =
                    List.of(
                            "--release",
                            "21",
                            "-proc:none",
                            "-implicit:none",
                            "-d",
                            classes.toString(),
                            "-Xmaxwarns",
                            "10000",
                            "-Xdoclint:all/public",
                            "-Xdoclint/package:" + String.join(",", PUBLIC));
            boolean compiled =
                    compiler.getTask(
                                    null,
                                    files,
                                    found,
                                    options,
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources()))
                            .call();
            assertThat(compiled).isTrue();
        }
        assertThat(found.getDiagnostics())
                .map(JavadocTest::said)
                .filteredOn(
                        said ->
                                !said.matches(
                                        ".*: no @(param|return|throws) for .*|.*: no @return"))
                .isEmpty();
    }

    private static List<Path> sources() throws Exception {
        var sources = new ArrayList<Path>();
        for (String name : PUBLIC) {
            try (Stream<Path> files =
                    Files.list(Path.of("src/main/java", name.replace('.', '/')))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    private static String said(Diagnostic<? extends JavaFileObject> diagnostic) {
        JavaFileObject source = diagnostic.getSource();
        return "%s:%d: %s"
                .formatted(
                        source == null ? "" : Path.of(source.getName()).getFileName(),
                        diagnostic.getLineNumber(),
                        diagnostic.getMessage(Locale.ENGLISH));
    }
}
