package dev.batchwright.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/**
 * A file with one prompt a line, to be made into a file of batch lines. Blank lines are skipped;
 * ids are {@code line-N}, with the number of the line.
 */
public final class PromptFile {
    private PromptFile() {}

    /** What to make of a prompt. */
    public sealed interface Kind {
        record Chat(Optional<String> system) implements Kind {}

        record Embedding() implements Kind {}

        /** How well the prompt matches this text. */
        record Score(String text) implements Kind {}

        /** How well each prompt, as a document of its own, answers this query. */
        record Rerank(String query) implements Kind {}
    }

    /**
     * Copies prompts to batch lines, and returns how many there were.
     *
     * @param name of the input, for messages
     * @throws InputException for a line that is not UTF-8 or too long, and where there is no prompt
     */
    public static long toBatchLines(
            InputStream prompts, String name, OutputStream out, String model, Kind kind)
            throws IOException {
        var window = new ByteWindow(prompts);
        window.more();
        window.skipByteOrderMark();
        var lines = new LineReader(window);
        var line = new JsonBuffer();
        long count = 0;
        while (lines.next()) {
            check(lines, name);
            if (blank(lines)) {
                continue;
            }
            count++;
            line.clear();
            line.raw("{\"custom_id\":\"line-%d\",".formatted(lines.number()))
                    .raw("\"method\":\"POST\",\"url\":\"%s\",".formatted(endpoint(kind).path()))
                    .raw("\"body\":{\"model\":")
                    .quoted(model)
                    .raw(",");
            body(kind, lines, line);
            line.raw("}}\n");
            out.write(line.bytes(), 0, line.length());
        }
        if (count == 0) {
            throw new InputException("%s holds no prompt: it is empty.".formatted(name));
        }
        return count;
    }

    private static void check(LineReader lines, String name) {
        if (lines.tooLong()) {
            throw new InputException(
                    "%s:%d: the line is longer than %d MB. Shorten it."
                            .formatted(name, lines.number(), ByteWindow.LONGEST >> 20));
        }
        int invalid = Utf8.firstInvalid(lines.bytes(), lines.start(), lines.length());
        if (invalid >= 0) {
            throw new InputException(
                    "%s:%d: byte %,d of the line is not UTF-8. Save the file as UTF-8."
                            .formatted(name, lines.number(), invalid + 1));
        }
    }

    private static boolean blank(LineReader lines) {
        for (int i = lines.start(); i < lines.start() + lines.length(); i++) {
            if (lines.bytes()[i] != ' ' && lines.bytes()[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private static Endpoint endpoint(Kind kind) {
        return switch (kind) {
            case Kind.Chat chat -> Endpoint.CHAT;
            case Kind.Embedding embedding -> Endpoint.EMBEDDINGS;
            case Kind.Score score -> Endpoint.SCORE;
            case Kind.Rerank rerank -> Endpoint.RERANK;
        };
    }

    private static void body(Kind kind, LineReader prompt, JsonBuffer line) {
        switch (kind) {
            case Kind.Chat(var system) -> {
                line.raw("\"messages\":[");
                system.ifPresent(
                        text ->
                                line.raw("{\"role\":\"system\",\"content\":")
                                        .quoted(text)
                                        .raw("},"));
                line.raw("{\"role\":\"user\",\"content\":");
                text(prompt, line).raw("}]");
            }
            case Kind.Embedding() -> text(prompt, line.raw("\"input\":"));
            case Kind.Score(var other) ->
                    text(prompt, line.raw("\"text_1\":").quoted(other).raw(",\"text_2\":"));
            case Kind.Rerank(var query) ->
                    text(prompt, line.raw("\"query\":").quoted(query).raw(",\"documents\":["))
                            .raw("]");
        }
    }

    private static JsonBuffer text(LineReader prompt, JsonBuffer line) {
        return line.raw("\"").escaped(prompt.bytes(), prompt.start(), prompt.length()).raw("\"");
    }
}
