package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What must fit into little memory; the first runs in a process of its own to prove it. */
class LargeInputTest {
    private static final RequestOptions WITH_MODEL = RequestOptions.NONE.withModel("m");

    @TempDir Path directory;

    /** The program that is run in a heap of a fixed size. */
    static final class Load {
        public static void main(String[] arguments) {
            Path file = Path.of(arguments[0]);
            try (var source = InputSource.of(file)) {
                var loader =
                        new InputLoader(
                                source,
                                WITH_MODEL,
                                Loading.ROUTER,
                                RequestCheck.NONE,
                                file.resolveSibling(""));
                long[] last = new long[1];
                LoadReport report = loader.load(item -> last[0] = item.seq());
                System.out.println(last[0] + " of " + report.items());
            }
        }
    }

    @Test
    void two_hundred_thousand_rows_are_loaded_in_a_small_heap() throws Exception {
        Path file = directory.resolve("rows.csv");
        try (var writer = Files.newBufferedWriter(file)) {
            writer.write("prompt,n\n");
            for (int i = 0; i < 200_000; i++) {
                writer.write("\"Row number %d, which is not long\",%d%n".formatted(i, i));
            }
        }
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx40m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Load.class.getName(),
                                file.toString())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
                    .isEqualToIgnoringNewLines("200000 of 200000");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void a_line_of_twenty_megabytes_is_a_request_like_any_other() throws IOException {
        String text = "ab\\n".repeat(5 << 20);
        Path file = directory.resolve("in.jsonl");
        Files.writeString(
                file,
                "{\"prompt\":\"x\"}\n{\"model\":\"m\",\"messages\":[{\"content\":\"%s\"}]}\n{\"prompt\":\"y\"}\n"
                        .formatted(text));
        Loading loaded = Loading.of(file, WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.items()).hasSize(3);
        assertThat(loaded.items().get(1).request().body().length())
                .isEqualTo(
                        "{\"model\":\"m\",\"messages\":[{\"content\":\"\"}]}".length()
                                + text.length());
        assertThat(loaded.body(2)).contains("\"y\"");
    }

    @Test
    void a_field_of_twenty_megabytes_is_a_field_like_any_other() {
        String text = "line \"\"one\"\"\n".repeat(1_600_000);
        Loading loaded =
                Loading.of(
                        directory,
                        "in.csv",
                        "prompt,n\n\"%s\",1\nb,2\n".formatted(text),
                        WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.body(0)).endsWith("line \\\"one\\\"\\n\"}]}");
        assertThat(loaded.body(1)).contains("\"b\"");
    }

    @Test
    void lines_that_straddle_the_end_of_the_buffer_stay_whole() {
        var content = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            content.append("{\"prompt\":\"").append("p".repeat(1000 + i % 7)).append("\"}\r\n");
        }
        Loading loaded = Loading.of(directory, "in.jsonl", content.toString(), WITH_MODEL);

        assertThat(loaded.report().problems()).isEmpty();
        assertThat(loaded.items()).hasSize(3000);
        for (int i = 0; i < 3000; i++) {
            assertThat(loaded.items().get(i).row().orElseThrow().length())
                    .isEqualTo("{\"prompt\":\"\"}".length() + 1000 + i % 7);
        }
    }
}
