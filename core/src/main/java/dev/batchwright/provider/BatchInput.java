package dev.batchwright.provider;

import dev.batchwright.http.Body;

/** What a create call gives the provider to work on. */
public sealed interface BatchInput {
    /** A file uploaded before, by the provider's name for it. */
    record Uploaded(String file) implements BatchInput {}

    /** The requests themselves, as {@link BatchApi#write} wrote them. */
    record Inline(Body content) implements BatchInput {}
}
