package dev.batchwright.output;

import dev.batchwright.answer.AnswerText;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.StoredResult;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A table by RFC 4180, but with LF at the end of lines, in UTF-8 without a byte order mark: the
 * input's columns, the id, and the answer. Where the input has a column of one of our names, ours
 * gets a number ({@code answer_2}).
 *
 * <p>Cells hold the data as it is. A cell that begins with {@code =}, {@code +}, {@code -} or
 * {@code @} is a formula to a spreadsheet: import such files as text.
 */
final class TableWriter implements ResultWriter {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final OutputStream out;
    private final char delimiter;
    private final Map<String, Integer> places = new HashMap<>();
    private final @Nullable String[] values;
    private final boolean ownId;
    private final StringBuilder line = new StringBuilder();
    private boolean lineStarted;

    TableWriter(List<String> columns, char delimiter, OutputStream out) throws IOException {
        this.out = out;
        this.delimiter = delimiter;
        this.values = new String[columns.size()];
        this.ownId = !columns.contains("custom_id");
        var header = new ArrayList<>(columns);
        for (int i = 0; i < columns.size(); i++) {
            places.put(columns.get(i), i);
        }
        if (ownId) {
            header.add("custom_id");
        }
        for (String name : List.of("answer", "finish_reason", "error")) {
            header.add(free(name, header));
        }
        header.forEach(this::cell);
        endLine();
    }

    private static String free(String name, List<String> taken) {
        String candidate = name;
        for (int i = 2; taken.contains(candidate); i++) {
            candidate = name + "_" + i;
        }
        return candidate;
    }

    @Override
    public void write(StoredResult result) throws IOException {
        Arrays.fill(values, null);
        result.item().row().ifPresent(this::readRow);
        Optional.ofNullable(places.get("custom_id"))
                .ifPresent(place -> values[place] = result.item().customId());
        for (String value : values) {
            cell(value == null ? "" : value);
        }
        if (ownId) {
            cell(result.item().customId());
        }
        AnswerText answer = AnswerText.of(result.answer());
        cell(answer.text());
        cell(answer.finishReason());
        cell(answer.error());
        endLine();
    }

    private void readRow(RawJson row) {
        byte[] bytes = row.toByteArray();
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                Integer place = places.get(parser.currentName());
                parser.nextToken();
                if (place == null) {
                    parser.skipChildren();
                } else {
                    values[place] = value(parser, bytes);
                }
            }
        }
    }

    private static String value(JsonParser parser, byte[] bytes) {
        return switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NULL -> "";
            default -> {
                int from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                int to = (int) parser.currentLocation().getByteOffset();
                yield new String(bytes, from, to - from, StandardCharsets.UTF_8);
            }
        };
    }

    private void cell(String value) {
        if (lineStarted) {
            line.append(delimiter);
        }
        lineStarted = true;
        if (plain(value)) {
            line.append(value);
            return;
        }
        line.append('"').append(value.replace("\"", "\"\"")).append('"');
    }

    private boolean plain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\n' || c == '\r' || c == delimiter) {
                return false;
            }
        }
        // Some readers drop blanks at the ends of a cell without quotes.
        return value.isEmpty() || !(value.startsWith(" ") || value.endsWith(" "));
    }

    private void endLine() throws IOException {
        out.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        line.setLength(0);
        lineStarted = false;
    }
}
