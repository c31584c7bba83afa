package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.bill.Bill;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the batch lane does about every quirk of every provider, by the bill that the provider
 * writes. Most of the time a run waits, so they run side by side.
 */
@Execution(ExecutionMode.CONCURRENT)
class QuirksTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path PAGE = Path.of("..", "docs", "quirks.md");

    static Stream<Arguments> cases() {
        return QuirkTable.lines()
                .flatMap(
                        line ->
                                line.providers().stream()
                                        .map(provider -> Arguments.of(provider, line)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void is_met(String provider, QuirkTable.Line line, @TempDir Path directory) {
        try (var scene =
                new BatchScene(directory, provider, line.items(), line.letters(), line.setting())) {
            User.Answer answer = line.story().tell(scene);

            String status = scene.user().types("status", "last").out();
            assertThat(end(scene, answer, status))
                    .as("%s\n%s", answer.err(), status)
                    .isEqualTo(line.end());
            assertThat(scene.server().bill().keysLeaked()).isZero();
            if (Files.exists(scene.user().path("out.jsonl"))) {
                assertThat(scene.user().reads("out.jsonl").lines()).hasSize(line.items());
            }
        }
    }

    private static QuirkTable.End end(BatchScene scene, User.Answer answer, String status) {
        Bill bill = scene.server().bill();
        JsonNode job = JSON.readTree(scene.user().types("status", "last", "--json").out());
        return new QuirkTable.End(
                answer.code(),
                job.at("/succeeded").asLong(),
                job.at("/failed").asLong(),
                bill.batches().size(),
                bill.executedInBatches(),
                bill.executedTwiceAnywhere(),
                (int) status.lines().filter(line -> line.contains("  stray ")).count());
    }

    @Test
    void the_page_says_what_is_tested() throws IOException {
        Path made = Path.of("target", "quirks.md");
        Files.createDirectories(made.getParent());
        Files.writeString(made, page());

        assertThat(PAGE)
                .as("docs/quirks.md is made from the table: copy %s over it", made)
                .hasContent(page());
    }

    private static String page() {
        return """
        # Quirks

        What providers' batch APIs do on a bad day, and what Batchwright does then. Each line is a test: the real command against the [simulator](simulator.md) with that quirk, for each provider named, with exit code, results and bill checked. An item is paid once in all of them but those
        where its paid result never came.

        """
                + QuirkTable.parts().stream()
                        .map(QuirksTest::part)
                        .collect(Collectors.joining("\n"));
    }

    private static String part(QuirkTable.Part part) {
        return part.lines().stream()
                .map(
                        line ->
                                "| %s | %s | %s |\n"
                                        .formatted(
                                                line.happens(),
                                                line.done(),
                                                String.join(", ", line.providers())))
                .collect(
                        Collectors.joining(
                                "",
                                "## %s\n\n| what happens | what Batchwright does | tested with |\n|---|---|---|\n"
                                        .formatted(part.title()),
                                ""));
    }
}
