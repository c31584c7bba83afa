package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.provider.openai.OpenAiApi;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the project says of itself is true: its commands work, its links lead somewhere. Most of the
 * time goes into starting processes, so pages run side by side.
 */
@Execution(ExecutionMode.CONCURRENT)
class DocumentationTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern TABLE_ROW = Pattern.compile("(?m)^\\| (.+?) \\|");
    private static final Pattern OPTION_IN_TABLE = Pattern.compile("(?<=`)--?[a-zA-Z][a-z-]*");
    // The completion script holds picocli's whole model, hidden parts left out.
    private static final Pattern COMPLETION =
            Pattern.compile(
                    "function _picocli_batchwright_([a-z]+)\\(\\) \\{.*?"
                            + "flag_opts=\"(.*?)\".*?arg_opts=\"(.*?)\"",
                    Pattern.DOTALL);
    private static final Pattern OPTION_IN_COMPLETION = Pattern.compile("'(-[^']+)'");
    private static final Set<String> OF_EVERY_COMMAND =
            Set.of("--store", "--debug", "-h", "--help");

    private static QuickStart java = new QuickStart(List.of());

    @TempDir Path temporary;

    @BeforeAll
    static void prepareProcesses(@TempDir Path folder) throws Exception {
        java = QuickStart.prepare(folder);
    }

    static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> guides = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, guides)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .map(ROOT::relativize)
                    .toList();
        }
    }

    static List<Path> pagesWithCommands() throws IOException {
        return pages().stream().filter(page -> !ShellBlock.in(text(page)).isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("pagesWithCommands")
    void the_commands_of_a_page_end_as_it_says(Path page) throws Exception {
        try (var shell = new DocumentedShell(java, temporary, ROOT.resolve("examples"))) {
            for (ShellBlock block : ShellBlock.in(text(page))) {
                DocumentedShell.Ending ending = shell.run(block);
                assertThat(block.exitCodes())
                        .as("%s:%d\n%s\n%s", page, block.line(), block.script(), ending.said())
                        .contains(ending.code());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void links_between_files_lead_somewhere(Path page) {
        for (Matcher link = LINK.matcher(text(page)); link.find(); ) {
            String target = link.group(1);
            if (!target.contains("://")) {
                Path file = ROOT.resolve(page).resolveSibling(target.replaceFirst("#.*", ""));
                assertThat(file).as("a link of " + page).exists();
            }
        }
    }

    @Test
    void the_option_tables_are_complete_and_true() throws Exception {
        String page = text(Path.of("docs/command-line.md"));
        String script;
        try (var shell = new DocumentedShell(java, temporary, ROOT.resolve("examples"))) {
            script = shell.prints("completion");
        }
        List<MatchResult> commands = COMPLETION.matcher(script).results().toList();
        assertThat(commands).extracting(command -> command.group(1)).contains("run", "simulate");
        for (MatchResult command : commands) {
            String all = command.group(2) + command.group(3);
            var options = new TreeSet<>(matches(OPTION_IN_COMPLETION, all));
            options.removeAll(OF_EVERY_COMMAND);
            assertThat(optionsIn(section(page, "## batchwright " + command.group(1))))
                    .as("options of " + command.group(1))
                    .isEqualTo(options);
        }
    }

    @ParameterizedTest
    @MethodSource("pagesWithExitCodes")
    void every_exit_code_is_explained(Path page) {
        List<String> rows = matches(TABLE_ROW, section(text(page), "## Exit codes"));
        for (ExitCode code : ExitCode.values()) {
            assertThat(rows).contains(Integer.toString(code.code));
        }
    }

    static List<Path> pagesWithExitCodes() {
        return List.of(Path.of("README.md"), Path.of("docs/command-line.md"));
    }

    @Test
    void every_provider_is_described_as_it_is() {
        String page = text(Path.of("docs/providers.md"));
        for (OpenAiApi api : OpenAiApi.ALL) {
            String row =
                    page.lines()
                            .filter(line -> line.startsWith("| `%s` |".formatted(api.name())))
                            .findFirst()
                            .orElse("no row for " + api.name());
            api.keyVariables().forEach(variable -> assertThat(row).contains("`" + variable + "`"));
            api.baseUrl().ifPresent(url -> assertThat(row).contains("`" + url + "`"));
        }
    }

    private static String text(Path page) {
        try {
            return Files.readString(ROOT.resolve(page));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String section(String page, String heading) {
        int start = page.indexOf(heading + "\n");
        assertThat(start).as("the section " + heading).isNotNegative();
        int end = page.indexOf("\n## ", start + 1);
        return page.substring(start, end < 0 ? page.length() : end);
    }

    /** The options in the first cells of a section's tables. */
    private static Set<String> optionsIn(String section) {
        var options = new TreeSet<String>();
        for (String cell : matches(TABLE_ROW, section)) {
            OPTION_IN_TABLE.matcher(cell).results().forEach(found -> options.add(found.group()));
        }
        return options;
    }

    /** Every group that matched something. */
    private static List<String> matches(Pattern pattern, String text) {
        var found = new ArrayList<String>();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            for (int group = 1; group <= matcher.groupCount(); group++) {
                String matched = matcher.group(group);
                if (matched != null) {
                    found.add(matched);
                }
            }
        }
        return found;
    }

    /**
     * A block of shell commands of a page.
     *
     * @param line where it begins
     * @param exitCodes those that it may end with
     */
    record ShellBlock(int line, String script, List<Integer> exitCodes) {
        private static final Pattern BLOCK =
                Pattern.compile("(?:<!-- ([^>]*) -->\n)?```sh\n(.*?)\n```\n", Pattern.DOTALL);
        private static final Pattern EXIT = Pattern.compile("exit (\\d+)(?: or (\\d+))?: .+");

        /** Those of a page that are to be run. */
        static List<ShellBlock> in(String page) {
            var blocks = new ArrayList<ShellBlock>();
            for (Matcher block = BLOCK.matcher(page); block.find(); ) {
                String note = block.group(1) == null ? "" : block.group(1);
                if (!note.startsWith("not run: ")) {
                    int line = (int) page.substring(0, block.start(2)).lines().count() + 1;
                    blocks.add(new ShellBlock(line, block.group(2), exitCodes(note)));
                }
            }
            return blocks;
        }

        private static List<Integer> exitCodes(String note) {
            if (note.isEmpty()) {
                return List.of(0);
            }
            Matcher exit = EXIT.matcher(note.toLowerCase(Locale.ROOT));
            assertThat(exit.matches()).as("a note before a block: " + note).isTrue();
            return matches(EXIT, note).stream().map(Integer::valueOf).toList();
        }

        boolean startsSimulator() {
            return script.startsWith("./batchwright simulate ");
        }
    }
}
