package dev.batchwright;

import java.util.List;

/** A request for embeddings, which {@link Request#embeddings} begins. */
public final class EmbeddingsRequest extends Request.Fluent<EmbeddingsRequest> {
    EmbeddingsRequest(Draft draft) {
        super(draft);
    }

    @Override
    EmbeddingsRequest of(Draft changed) {
        return new EmbeddingsRequest(changed);
    }

    /** The text to embed. */
    public EmbeddingsRequest input(String text) {
        return with("input", text);
    }

    /** Several texts, each of which gets its embedding. */
    public EmbeddingsRequest input(List<String> texts) {
        return with("input", texts);
    }

    /** The length of the vectors, where the model lets it be chosen. */
    public EmbeddingsRequest dimensions(int dimensions) {
        return with("dimensions", dimensions);
    }

    /** {@code float} or {@code base64}. */
    public EmbeddingsRequest encodingFormat(String format) {
        return with("encoding_format", format);
    }
}
