package dev.batchwright.provider.openai;

import dev.batchwright.provider.BatchOrder;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a batch carries at the provider: its tag, by which it is found again, how many requests it
 * has, and as much of the user's own as there is room for.
 *
 * @param pairs the most there can be
 * @param key the longest key
 * @param value the longest value
 */
public record BatchMetadata(int pairs, int key, int value) {
    public static final BatchMetadata OPENAI = new BatchMetadata(16, 64, 512);

    /** Where the tag is. */
    public static final String TAG = "batchwright";

    /**
     * @param reserved keys that the provider writes itself, as a regular expression
     */
    public Map<String, String> of(BatchOrder order, String reserved) {
        var metadata = new LinkedHashMap<String, String>();
        metadata.put(TAG, order.tag().value());
        metadata.put("requests", String.valueOf(order.requests()));
        new TreeMap<>(order.metadata())
                .forEach(
                        (name, text) -> {
                            if (metadata.size() < pairs
                                    && !name.isEmpty()
                                    && name.length() <= key
                                    && text.length() <= value
                                    && !name.matches(reserved)) {
                                metadata.putIfAbsent(name, text);
                            }
                        });
        return metadata;
    }
}
