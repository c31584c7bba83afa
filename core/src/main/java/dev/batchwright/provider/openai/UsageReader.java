package dev.batchwright.provider.openai;

import dev.batchwright.job.Usage;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.util.List;

/**
 * Reads a {@code usage} object: chat and embeddings count {@code prompt_tokens} and {@code
 * completion_tokens}, responses and images {@code input_tokens} and {@code output_tokens}, rerank
 * and score only {@code total_tokens}. Cached input is in the details, or with DeepSeek in {@code
 * prompt_cache_hit_tokens}. xAI leaves reasoning out of the completion; the total tells.
 */
public final class UsageReader {
    private static final List<String> COUNTED =
            List.of(
                    "prompt_tokens",
                    "input_tokens",
                    "completion_tokens",
                    "output_tokens",
                    "total_tokens",
                    "cached_tokens",
                    "prompt_cache_hit_tokens",
                    "reasoning_tokens");

    private long input;
    private long cached;
    private long output;
    private long reasoning;
    private long total;

    private UsageReader() {}

    /** The parser stands on the value; afterwards on its end. */
    static Usage read(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return Usage.NONE;
        }
        var reader = new UsageReader();
        reader.readObject(parser);
        return reader.usage();
    }

    private void readObject(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.START_OBJECT && name.endsWith("_tokens_details")) {
                readObject(parser);
            } else if (value.isScalarValue()) {
                count(name, Math.max(0, parser.getValueAsLong(0)));
            } else {
                parser.skipChildren();
            }
        }
    }

    /** The same from text that is scanned; the scan stands before the value, and after it then. */
    public static Usage read(JsonScan scan) {
        var reader = new UsageReader();
        reader.readObject(scan);
        return reader.usage();
    }

    private void readObject(JsonScan scan) {
        if (!scan.beginObject()) {
            scan.skip();
            return;
        }
        while (scan.nextField()) {
            if (scan.isObject()) {
                if (scan.nameEndsWith("_tokens_details")) {
                    readObject(scan);
                } else {
                    scan.skip();
                }
            } else {
                count(counted(scan), Math.max(0, scan.number()));
            }
        }
    }

    /** The field's name if it is one that counts; without making a text of each name. */
    private static String counted(JsonScan scan) {
        for (String name : COUNTED) {
            if (scan.nameIs(name)) {
                return name;
            }
        }
        return "";
    }

    private void count(String name, long tokens) {
        switch (name) {
            case "prompt_tokens", "input_tokens" -> input = tokens;
            case "completion_tokens", "output_tokens" -> output = tokens;
            case "total_tokens" -> total = tokens;
            case "cached_tokens", "prompt_cache_hit_tokens" -> cached = tokens;
            case "reasoning_tokens" -> reasoning = tokens;
            default -> {}
        }
    }

    private Usage usage() {
        if (reasoning > 0 && total == input + output + reasoning) {
            return new Usage(input, cached, output + reasoning);
        }
        if (input == 0 && output == 0) {
            return new Usage(total, cached, 0);
        }
        return new Usage(input, cached, output);
    }
}
