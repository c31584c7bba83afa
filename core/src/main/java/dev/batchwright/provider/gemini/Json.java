package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;

/** How JSON is read and written here: strings of any length, numbers without loss. */
final class Json {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(2000)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();
    static final JsonMapper MAPPER =
            JsonMapper.builder(FACTORY)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    private Json() {}

    static JsonParser parser(byte[] bytes, int offset, int length) {
        return FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length);
    }

    static RawJson raw(JsonNode node) {
        return RawJson.of(MAPPER.writeValueAsBytes(node));
    }

    static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 16).append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, quoted);
        return quoted.append('"').toString();
    }

    /** A body as JSON: itself without the blanks around it, or else its text as one string. */
    static RawJson body(byte[] body, boolean isJson) {
        if (!isJson) {
            return RawJson.of(quoted(new String(body, StandardCharsets.UTF_8)));
        }
        int start = 0;
        int end = body.length;
        while (start < end && isPadding(body[start])) {
            start++;
        }
        while (end > start && isPadding(body[end - 1])) {
            end--;
        }
        return RawJson.of(body, start, end - start);
    }

    // Blanks, and the three bytes of a BOM, none of which can begin or end a JSON value.
    private static boolean isPadding(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t' || (b & 0xff) >= 0xbb;
    }
}
