package dev.batchwright.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.input.InputLoader;
import dev.batchwright.input.InputSource;
import dev.batchwright.input.RequestCheck;
import dev.batchwright.input.RequestOptions;
import dev.batchwright.input.Router;
import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.json.JsonMapper;

import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Any text survives from a cell to an item, to an output's cell, and back. */
class TableRoundTripTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> PIECES =
            List.of(
                    "\"", "\"\"", ",", "\t", "\n", "\r\n", "\r", " ", "a", "é", "漢", "😀", "\\",
                    "\\n", "{{x}}", "=1", ";", "'", "\u0001", "\u2028", "/", "0");

    @TempDir Path directory;

    private record Cells(List<String> prompts, List<String> others) {}

    private static Cells random(Random random, int rows) {
        var prompts = new ArrayList<String>();
        var others = new ArrayList<String>();
        for (int i = 0; i < rows; i++) {
            prompts.add("p" + text(random));
            others.add(text(random));
        }
        return new Cells(prompts, others);
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"one.csv", "one.tsv"})
    void any_text_survives(String name) {
        for (int seed = 0; seed < 40; seed++) {
            Cells cells = random(new Random(seed), 50);
            Path first = directory.resolve("1-" + name);
            write(first, cells, List.of("prompt", "other \"col\""));
            List<Item> items = load(first);

            assertThat(items).as("seed %d", seed).hasSize(50);
            for (int i = 0; i < items.size(); i++) {
                var row = JSON.readTree(items.get(i).row().orElseThrow().toByteArray());
                var body = JSON.readTree(items.get(i).request().body().toByteArray());
                String prompt = cells.prompts().get(i);
                assertThat(row.get("prompt").asString()).isEqualTo(prompt);
                assertThat(row.get("other \"col\"").asString()).isEqualTo(cells.others().get(i));
                assertThat(body.at("/messages/0/content").asString()).isEqualTo(prompt);
            }
        }
    }

    private static void write(Path file, Cells cells, List<String> columns) {
        try (var output =
                new ResultOutput(
                        TestResults.JOB,
                        columns,
                        OutputTarget.of(file),
                        Optional.empty(),
                        OutputStream.nullOutputStream())) {
            for (int i = 0; i < cells.prompts().size(); i++) {
                var row = JSON.createObjectNode();
                row.put(columns.get(0), cells.prompts().get(i));
                row.put(columns.get(1), cells.others().get(i));
                output.write(
                        TestResults.succeeded(
                                i + 1,
                                "id-" + i,
                                Optional.of(RawJson.of(JSON.writeValueAsBytes(row))),
                                TestResults.chat("\"answer\"")));
            }
            output.commit();
        }
    }

    private List<Item> load(Path file) {
        var items = new ArrayList<Item>();
        Router router = model -> new Router.Resolution.Routed("echo", model);
        try (var source = InputSource.of(file)) {
            var report =
                    new InputLoader(
                                    source,
                                    RequestOptions.NONE.withModel("m"),
                                    router,
                                    RequestCheck.NONE,
                                    directory)
                            .load(items::add);
            assertThat(report.problems()).isEmpty();
        }
        return items;
    }
}
