package dev.batchwright.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

class ResultOutputTest {
    private static final Optional<RawJson> ROW =
            Optional.of(RawJson.of("{\"id\":1, \"text\":\"a,b\\n\\\"c\\\"\", \"error\":null}"));

    @TempDir Path directory;

    private final ByteArrayOutputStream standardOutput = new ByteArrayOutputStream();

    private ResultOutput open(String results, String... failures) {
        return new ResultOutput(
                TestResults.JOB,
                List.of("id", "text", "error"),
                target(results),
                failures.length == 0 ? Optional.empty() : Optional.of(target(failures[0])),
                standardOutput);
    }

    private OutputTarget target(String name) {
        return name.equals("-") ? OutputTarget.STANDARD : OutputTarget.of(directory.resolve(name));
    }

    private static void writeTwo(ResultOutput output) {
        output.write(TestResults.succeeded(1, "ä\"1", ROW, TestResults.chat("\"x\\ny\"")));
        output.write(
                TestResults.failed(
                        2,
                        "b",
                        Optional.empty(),
                        "{\"code\":\"timeout\",\"message\":\"Too late.\"}"));
        output.commit();
    }

    @Test
    void lines_have_the_shape_of_openai() throws IOException {
        try (var output = open("out.jsonl")) {
            writeTwo(output);
        }
        assertThat(directory.resolve("out.jsonl"))
                .hasContent(
                        """
                        {"id":"batch_req_job_23456789bcdf_1","custom_id":"ä\\"1","response":{"status_code":200,"request_id":"req_1","body":{"choices":[{"index":0,"message":{"role":"assistant","content":"x\\ny"},"finish_reason":"stop"}]}},"error":null}
                        {"id":"batch_req_job_23456789bcdf_2","custom_id":"b","response":null,"error":{"code":"timeout","message":"Too late."}}
                        """);
    }

    @Test
    void a_table_joins_the_answer_to_the_columns_of_the_input() {
        try (var output = open("out.csv")) {
            writeTwo(output);
        }
        assertThat(directory.resolve("out.csv"))
                .hasContent(
                        """
                        id,text,error,custom_id,answer,finish_reason,error_2
                        1,"a,b
                        ""c""\",,"ä""1","x
                        y",stop,
                        ,,,b,,,Too late.
                        """);
    }

    @Test
    void failures_go_apart_where_asked() throws IOException {
        try (var output = open("-", "failures.tsv")) {
            writeTwo(output);
        }
        assertThat(standardOutput.toString(UTF_8).lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("x\\ny");
        assertThat(directory.resolve("failures.tsv"))
                .content()
                .isEqualToNormalizingNewlines(
                        """
                        id\ttext\terror\tcustom_id\tanswer\tfinish_reason\terror_2
                        \t\t\tb\t\t\tToo late.
                        """);
    }

    @Test
    void an_input_column_custom_id_is_not_repeated() {
        try (var output =
                new ResultOutput(
                        TestResults.JOB,
                        List.of("custom_id", "q"),
                        target("out.csv"),
                        Optional.empty(),
                        standardOutput)) {
            output.write(
                    TestResults.succeeded(
                            1,
                            "one",
                            Optional.of(RawJson.of("{\"custom_id\":\"one\",\"q\":\" x\"}")),
                            TestResults.chat("\"=1+1\"")));
            output.commit();
        }
        assertThat(directory.resolve("out.csv"))
                .hasContent("custom_id,q,answer,finish_reason,error\none,\" x\",=1+1,stop,\n");
    }

    @Test
    void gz_compresses() throws IOException {
        try (var output = open("out.csv.gz")) {
            writeTwo(output);
        }
        try (var in = new GZIPInputStream(Files.newInputStream(directory.resolve("out.csv.gz")))) {
            assertThat(new String(in.readAllBytes(), UTF_8))
                    .startsWith("id,text,error,")
                    .endsWith("Too late.\n");
        }
    }

    @Test
    void the_old_file_stays_until_the_new_one_is_complete() throws IOException {
        Path file = directory.resolve("out.jsonl");
        Files.writeString(file, "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        try (var output = open("out.jsonl")) {
            output.write(TestResults.failed(1, "a", Optional.empty(), "{\"code\":\"x\"}"));
            assertThat(file).hasContent("old");
        }
        assertThat(file).as("closed without a commit").hasContent("old");
        assertThat(directory).isDirectoryNotContaining("glob:**.part");

        try (var output = open("out.jsonl")) {
            writeTwo(output);
        }
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        assertThat(directory).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void what_a_killed_process_left_is_cleared_and_what_a_living_one_writes_is_not()
            throws IOException {
        Path dead = directory.resolve(".out.jsonl.999999999999.part");
        Path alive = directory.resolve(".out.jsonl.1.part");
        Path other = directory.resolve(".other.jsonl.999999999999.part");
        for (Path part : List.of(dead, alive, other)) {
            Files.writeString(part, "part");
        }
        try (var output = open("out.jsonl")) {
            writeTwo(output);
        }
        assertThat(dead).doesNotExist();
        assertThat(alive).exists();
        assertThat(other).exists();
    }

    @Test
    void a_symbolic_link_is_followed() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real")).resolve("r.jsonl");
        Path link =
                Files.createSymbolicLink(directory.resolve("out.jsonl"), Path.of("real/r.jsonl"));
        try (var output = open("out.jsonl")) {
            writeTwo(output);
        }
        assertThat(link).isSymbolicLink();
        assertThat(Files.readAllLines(real)).hasSize(2);
    }

    @Test
    void a_device_is_written_to_as_it_is() throws IOException {
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, Path.of("/dev/null"));
        OutputTarget device = OutputTarget.of(link);
        device.check();
        try (var output =
                new ResultOutput(
                        TestResults.JOB, List.of(), device, Optional.empty(), standardOutput)) {
            writeTwo(output);
        }
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
        assertThat(link).isSymbolicLink();
        assertThat(OutputTarget.of("/dev/stdout")).isSameAs(OutputTarget.STANDARD);
    }

    @Test
    void a_full_disk_is_told_with_what_to_do() {
        try (var output =
                new ResultOutput(
                        TestResults.JOB,
                        List.of(),
                        OutputTarget.of("/dev/full"),
                        Optional.empty(),
                        standardOutput)) {
            assertThatThrownBy(() -> writeTwo(output))
                    .isInstanceOf(OutputException.class)
                    .hasMessage(
                            "/dev/full can't be written: No space left on device. Results that the"
                                + " job has are safe: once this is put right, `batchwright results"
                                + " JOB -o FILE` writes them.");
        }
    }

    @Test
    void what_can_not_be_written_is_known_before_the_job_runs() throws IOException {
        Path missing = directory.resolve("none").resolve("out.jsonl");
        assertThatThrownBy(() -> OutputTarget.of(missing).check())
                .isInstanceOf(OutputException.class)
                .hasMessageStartingWith(
                        missing
                                + " can't be written: there is no directory "
                                + missing.resolveSibling(""));
        assertThatThrownBy(() -> OutputTarget.of(directory).check())
                .hasMessage(directory + " is a directory. Name a file in it.");
        assertThatThrownBy(
                        () ->
                                ResultOutput.check(
                                        target("a.csv"), Optional.of(target("x/../a.csv"))))
                .hasMessage(
                        "Results and errors would both go to %s. Name another file for --errors, or leave it out: failures then stand among the results."
                                .formatted(directory.resolve("a.csv")));
        assertThatThrownBy(
                        () ->
                                ResultOutput.check(
                                        OutputTarget.STANDARD, Optional.of(OutputTarget.of("-"))))
                .hasMessageStartingWith("Results and errors would both go to standard output.");

        target("fine.jsonl").check();
        assertThat(directory).isEmptyDirectory();
    }
}
