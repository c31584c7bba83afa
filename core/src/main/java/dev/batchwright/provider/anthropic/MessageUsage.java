package dev.batchwright.provider.anthropic;

import dev.batchwright.job.Usage;

/**
 * What a message cost: input is counted in three parts, of which only what was read from the cache
 * is cheaper.
 */
final class MessageUsage {
    private MessageUsage() {}

    static Usage of(JsonPart message) {
        return message.field("usage").map(MessageUsage::read).orElse(Usage.NONE);
    }

    private static Usage read(JsonPart usage) {
        long cached = usage.count("cache_read_input_tokens");
        long input =
                usage.count("input_tokens") + usage.count("cache_creation_input_tokens") + cached;
        return new Usage(input, cached, usage.count("output_tokens"));
    }
}
