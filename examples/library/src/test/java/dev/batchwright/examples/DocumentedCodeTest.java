package dev.batchwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** The Java of every page compiles, and runs against the simulator. */
class DocumentedCodeTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

    @TempDir Path directory;

    /** Their code is compiled where what it shows is: by the tests of those modules. */
    private static final Set<Path> OF_OTHER_MODULES =
            Set.of(Path.of("docs/drop-in.md"), Path.of("docs/langchain4j.md"));

    static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> guides = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, guides)
                    .filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !blocks(file).isEmpty())
                    .sorted()
                    .map(ROOT::relativize)
                    .filter(page -> !OF_OTHER_MODULES.contains(page))
                    .toList();
        }
    }

    private static List<DocumentedCode> blocks(Path page) {
        try {
            return DocumentedCode.in(Files.readString(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void the_guides_are_among_the_pages() throws Exception {
        assertThat(pages())
                .contains(
                        Path.of("README.md"), Path.of("docs/library.md"), Path.of("docs/typed.md"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void the_code_of_a_page_compiles_and_runs(Path page) throws Exception {
        List<DocumentedCode> blocks = blocks(ROOT.resolve(page));
        Path classes = compile(blocks);
        Files.copy(ROOT.resolve("examples/tickets.csv"), directory.resolve("tickets.csv"));
        ImageIO.write(
                new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB),
                "png",
                directory.resolve("a.png").toFile());
        try (Simulator server = Simulator.start(SimulatorOptions.builder().build());
                Program program =
                        Program.start(
                                directory,
                                Optional.of(classes),
                                Optional.of(server.baseUrl()),
                                "Page")) {
            assertThat(program.lines())
                    .containsExactlyElementsOf(
                            blocks.stream()
                                    .filter(DocumentedCode::isRun)
                                    .map(DocumentedCode::className)
                                    .toList());
        }
    }

    @Test
    void each_feature_of_the_tools_that_we_replace_names_tests_that_exist() throws Exception {
        Map<String, String> tests = tests();
        List<String> rows =
                Files.readString(ROOT.resolve("docs/coming-from.md"))
                        .lines()
                        .dropWhile(line -> !line.startsWith("| feature |"))
                        .skip(2)
                        .takeWhile(line -> line.startsWith("|"))
                        .toList();
        assertThat(rows).hasSizeGreaterThan(50);
        for (String row : rows) {
            List<MatchResult> named = TEST.matcher(row).results().toList();
            assertThat(named).as(row).isNotEmpty();
            for (MatchResult test : named) {
                assertThat(tests.getOrDefault(test.group(1), ""))
                        .as(test.group())
                        .containsPattern("\\bvoid\\s+%s\\(".formatted(test.group(2)));
            }
        }
    }

    /** The sources of all test classes by their simple names, which several modules may share. */
    private static Map<String, String> tests() throws IOException {
        var tests = new HashMap<String, String>();
        for (Path module : modules()) {
            try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    tests.merge(
                            file.getFileName().toString().replace(".java", ""),
                            Files.readString(file),
                            String::concat);
                }
            }
        }
        return tests;
    }

    private static List<Path> modules() throws IOException {
        try (Stream<Path> folders = Files.walk(ROOT, 2)) {
            return folders.filter(folder -> Files.isDirectory(folder.resolve("src/test/java")))
                    .toList();
        }
    }

    private Path compile(List<DocumentedCode> blocks) throws IOException {
        Path sources = Files.createDirectory(directory.resolve("sources"));
        Path classes = Files.createDirectory(directory.resolve("classes"));
        var files = new ArrayList<Path>();
        for (DocumentedCode block : blocks) {
            files.add(
                    Files.writeString(
                            sources.resolve(block.className() + ".java"), block.source()));
        }
        files.add(Files.writeString(sources.resolve("Page.java"), main(blocks)));
        files.add(
                Files.copy(
                        Path.of("src/test/resources/documented/Prelude.java"),
                        sources.resolve("Prelude.java")));
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        var problems = new StringWriter();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("--release", "21", "-proc:none", "-d", classes.toString());
            boolean compiled =
                    compiler.getTask(
                                    problems,
                                    manager,
                                    null,
                                    options,
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files))
                            .call();
            assertThat(compiled).as(problems.toString()).isTrue();
        }
        return classes;
    }

    /** Runs block after block, and says which before each. */
    private static String main(List<DocumentedCode> blocks) {
        var main = new StringBuilder();
        for (DocumentedCode block : blocks) {
            if (block.isRun()) {
                main.append(
                        """
                        System.out.println("%1$s");
                        try (var block = new %1$s()) {
                            block.run();
                        }
                        """
                                .formatted(block.className()));
            }
        }
        return """
        class Page {
            public static void main(String[] args) throws Exception {
        %s
            }
        }
        """
                .formatted(main);
    }
}
