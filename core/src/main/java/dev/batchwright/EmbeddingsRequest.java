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

    /**
     * Sets the text to embed.
     *
     * @param text not empty
     * @return a new request that has it
     */
    public EmbeddingsRequest input(String text) {
        return with("input", text);
    }

    /**
     * Sets several texts, each of which gets its embedding in the one answer.
     *
     * @param texts up to 2,048 at OpenAI
     * @return a new request that has them
     */
    public EmbeddingsRequest input(List<String> texts) {
        return with("input", texts);
    }

    /**
     * The length of the vectors, where the model lets it be chosen.
     *
     * @param dimensions at least 1
     * @return a new request that says so
     */
    public EmbeddingsRequest dimensions(int dimensions) {
        return with("dimensions", dimensions);
    }

    /**
     * Says how the numbers come.
     *
     * @param format {@code float} or {@code base64}, which {@link Answer#embedding} does not read
     * @return a new request that says so
     */
    public EmbeddingsRequest encodingFormat(String format) {
        return with("encoding_format", format);
    }
}
