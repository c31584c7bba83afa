package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Gemini's embeddings as {@code /v1/embeddings} gives them. The numbers stay as they were written.
 */
final class EmbeddingsAnswer {
    private EmbeddingsAnswer() {}

    /**
     * @param offset of an object with {@code embedding} or {@code embeddings}
     */
    static RawJson translate(byte[] bytes, int offset, int length, String model, Usage usage) {
        var out = new ByteArrayOutputStream(length + 256);
        write(out, "{\"object\":\"list\",\"data\":[");
        int found = 0;
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                boolean values =
                        token == JsonToken.START_ARRAY && "values".equals(parser.currentName());
                if (!values) {
                    continue;
                }
                int start = offset + (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                int end = offset + (int) parser.currentLocation().getByteOffset();
                write(
                        out,
                        "%s{\"object\":\"embedding\",\"index\":%d,\"embedding\":"
                                .formatted(found == 0 ? "" : ",", found));
                out.write(bytes, start, end - start);
                write(out, "}");
                found++;
            }
        }
        write(
                out,
                "],\"model\":%s,\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d}}"
                        .formatted(Json.quoted(model), usage.inputTokens(), usage.totalTokens()));
        return RawJson.of(out.toByteArray());
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
