package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Files and options that stop a load as a whole, and what is said of them. */
class UnusableInputTest {
    private static final RequestOptions M = RequestOptions.NONE.withModel("m");

    @TempDir Path directory;

    static Stream<Arguments> contents() {
        return Stream.of(
                arguments("in.jsonl", "", M, "FILE holds no request: it is empty."),
                arguments("in.csv", "", M, "FILE holds no request: it is empty."),
                arguments("in.jsonl", "\uFEFF\r\n \n", M, "FILE holds no request: it is empty."),
                arguments("in", "", M, "FILE holds no request: it is empty."),
                arguments("in.csv", "prompt\n", M, "FILE holds no request, only a header."),
                arguments(
                        "in.csv",
                        "text,id\na,1\n",
                        M,
                        "FILE:1: there is no column `prompt`. Say with --prompt how a prompt is"
                            + " made of a row, as in --prompt '... {{id}}'. The columns: `text`,"
                            + " `id`."),
                arguments(
                        "in.csv",
                        "text,id\na,1\n",
                        M.withPrompt("{{txt}}"),
                        "FILE:1: there is no column `txt`, which --prompt names. Did you mean"
                                + " `text`? The columns: `text`, `id`."),
                arguments(
                        "in.csv",
                        "text,id\na,1\n",
                        M.withPrompt("{{text}}").withSystem("{{zzz}}"),
                        "FILE:1: there is no column `zzz`, which --system names. The columns:"
                                + " `text`, `id`."),
                arguments(
                        "in.csv",
                        "prompt,id\na,1\n",
                        M.withIdColumn("ID2"),
                        "FILE:1: there is no column `ID2`, which --id-column names. Did you mean"
                                + " `id`? The columns: `prompt`, `id`."),
                arguments(
                        "in.csv",
                        "text;id\na;1\n",
                        M.withPrompt("{{text}}"),
                        "FILE:1: there is no column `text`, which --prompt names. The columns:"
                                + " `text;id`. They seem to be separated by `;`: save the file with"
                                + " commas."),
                arguments(
                        "in.csv",
                        "text\tid\na\t1\n",
                        M.withPrompt("{{text}}"),
                        "FILE:1: there is no column `text`, which --prompt names. The columns:"
                                + " `text\tid`. They seem to be separated by tabs: call the file"
                                + " .tsv."),
                arguments(
                        "in.csv",
                        "prompt,prompt\na,b\n",
                        M,
                        "FILE:1: two columns are called `prompt`. Give each its own name."),
                arguments(
                        "in.csv",
                        "prompt,b\ra,b\r",
                        M,
                        "FILE:1: lines end with CR alone, as on old Macs. Save the file with LF or"
                                + " CR LF."),
                arguments(
                        "in.csv",
                        "\"prompt\nx",
                        M,
                        "FILE:1: a quoted field in the record that starts here is never closed."
                                + " Close it with `\"`; a quote within a quoted field is written"
                                + " twice."),
                arguments(
                        "in.csv",
                        "prompt\nx\n",
                        M.withEndpoint(Endpoint.RERANK),
                        "A row can't be made into a request for /v1/rerank, which needs more than a"
                                + " prompt. Give requests with their own body."),
                arguments(
                        "in.txt",
                        "Tell me a joke\n",
                        M,
                        "FILE is neither JSON lines nor a table with a column `prompt`. If it holds"
                                + " one prompt a line, `batchwright create FILE -m MODEL -o"
                                + " batch.jsonl` makes a batch file of it."),
                arguments(
                        "in.xlsx",
                        "PK\u0003\u0004etc",
                        M,
                        "FILE is a spreadsheet or a ZIP archive. Save the sheet as CSV (UTF-8), or"
                                + " unpack the archive."),
                arguments(
                        "in.parquet",
                        "PAR1etc",
                        M,
                        "FILE is a Parquet file, which this version can't read. Convert it to CSV"
                                + " or JSON lines."),
                arguments(
                        "in.jsonl",
                        "{\"a\":\0\0}",
                        M,
                        "FILE is a binary file. Batchwright reads JSON lines, CSV and TSV, in"
                                + " UTF-8."));
    }

    @ParameterizedTest
    @MethodSource("contents")
    void a_file_that_holds_no_requests_is_refused(
            String name, String content, RequestOptions options, String message) {
        Path file = directory.resolve(name);
        assertThatThrownBy(() -> Loading.of(directory, name, content, options))
                .isInstanceOf(InputException.class)
                .hasMessage(message.replace("FILE", file.toString()));
    }

    @Test
    void utf16_is_recognised() {
        byte[] content = "\uFEFFprompt\nx\n".getBytes(StandardCharsets.UTF_16LE);
        assertThatThrownBy(() -> Loading.of(directory, "in.csv", content, M))
                .hasMessage(
                        "%s is UTF-16. Save it as UTF-8 (`iconv -f UTF-16 -t UTF-8`)."
                                .formatted(directory.resolve("in.csv")));
    }

    @Test
    void a_header_that_is_not_utf8_is_refused() {
        byte[] content = "prompt,caf\u00e9\nx,y\n".getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> Loading.of(directory, "in.csv", content, M))
                .hasMessage(
                        "%s:1: byte 11 of the file is not UTF-8. Save the file as UTF-8."
                                .formatted(directory.resolve("in.csv")));
    }

    @Test
    void a_truncated_gzip_file_is_refused() throws IOException {
        Path file = directory.resolve("in.jsonl.gz");
        Files.write(file, new byte[] {0x1F, (byte) 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 1});
        assertThatThrownBy(() -> Loading.of(file, M))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + " can't be read: ");
    }

    @Test
    void a_missing_file_and_a_directory_are_refused() {
        Path missing = directory.resolve("nothing.jsonl");
        assertThatThrownBy(() -> InputSource.of(missing))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(missing + " does not exist. Check the name");
        assertThatThrownBy(() -> InputSource.of(directory))
                .hasMessage(
                        directory
                                + " is a directory. Name a file in it, or `-` for standard input.");
    }

    @Test
    void a_file_that_changes_while_it_is_read_is_refused() throws IOException {
        Path file = directory.resolve("in.jsonl");
        Files.writeString(file, "{\"prompt\":\"a\"}\n");
        try (var source = InputSource.of(file)) {
            var loader = new InputLoader(source, M, Loading.ROUTER, RequestCheck.NONE, directory);
            assertThatThrownBy(() -> loader.load(item -> append(file)))
                    .isInstanceOf(InputException.class)
                    .hasMessage(
                            file
                                    + " was changed while it was read. Wait until it is complete,"
                                    + " and try again.");
        }
    }

    private static void append(Path file) {
        try {
            Files.writeString(file, "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void standard_input_is_kept_only_as_long_as_it_is_needed() throws IOException {
        Path spool = Files.createDirectory(directory.resolve("spool"));
        var stream = new ByteArrayInputStream("prompt\tx\na\tb\n".getBytes(StandardCharsets.UTF_8));
        try (var source = InputSource.spool(stream, "standard input", spool)) {
            var report =
                    new InputLoader(source, M, Loading.ROUTER, RequestCheck.NONE, directory)
                            .load(item -> {});
            assertThat(report.columns()).containsExactly("prompt", "x");
            assertThat(spool).isNotEmptyDirectory();
        }
        assertThat(spool).isEmptyDirectory();
    }

    static Stream<Arguments> templates() {
        return Stream.of(
                arguments(
                        " ",
                        "--prompt is empty. Give it a text with the input's columns, as in"
                                + " 'Classify: {{text}}'."),
                arguments(
                        "a {{b",
                        "--prompt has `{{` at character 3 without `}}`. Close it, or write `\\{{`"
                                + " for two braces."),
                arguments(
                        "{{ }}",
                        "--prompt has `{{}}` at character 1. Name a column between the braces."));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void a_template_that_makes_no_sense_is_refused(String template, String message) {
        assertThatThrownBy(() -> M.withPrompt(template))
                .isInstanceOf(InputException.class)
                .hasMessage(message);
    }

    @Test
    void options_that_do_not_go_together_are_refused() {
        assertThatThrownBy(() -> M.withEndpoint(Endpoint.EMBEDDINGS).withSystem("s"))
                .hasMessage(
                        "--system does not go with /v1/embeddings: it is for /v1/chat/completions"
                                + ", /v1/responses and /v1/messages. Leave it out, or change"
                                + " --endpoint.");
        assertThatThrownBy(() -> M.withModel(" "))
                .hasMessage("-m names no model. Name one, or leave -m out.");
        assertThatThrownBy(() -> M.withIdColumn(""))
                .hasMessage("--id-column names no column. Name one, or leave it out.");
        assertThatThrownBy(() -> Endpoint.parse("embeddings"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(
                        "--endpoint `embeddings` is not an endpoint that can be called. Did you"
                                + " mean `/v1/embeddings`?");
    }

    static Stream<Arguments> schemas() {
        return Stream.of(
                arguments("{\"type\":", "is not JSON: see line 1, column 9."),
                arguments(
                        "",
                        "is not a JSON object. A schema looks like {\"type\": \"object\","
                                + " \"properties\": ...}."),
                arguments(
                        "[]",
                        "is not a JSON object. A schema looks like {\"type\": \"object\","
                                + " \"properties\": ...}."),
                arguments(
                        "{\"type\":\"string\"}",
                        "does not describe an object: strict answers need `\"type\": \"object\"` at"
                                + " the top. Wrap what you have in an object with one property."),
                arguments(
                        "{\"name\":\"x\",\"schema\":{}}",
                        "holds a response format around a schema. Give the schema alone, the object"
                                + " with `type` and `properties`."));
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void a_schema_that_no_provider_would_take_is_refused(String content, String message)
            throws IOException {
        Path file = directory.resolve("s.json");
        Files.writeString(file, content);
        assertThatThrownBy(() -> ResponseSchema.read(file))
                .isInstanceOf(InputException.class)
                .hasMessage("--schema %s %s".formatted(file, message));
    }

    @Test
    void a_missing_schema_is_refused() {
        Path file = directory.resolve("none.json");
        assertThatThrownBy(() -> ResponseSchema.read(file))
                .hasMessage(
                        "--schema %s can't be read. Does the file exist, and may you read it?"
                                .formatted(file));
    }
}
