package dev.batchwright.provider.gemini;

import dev.batchwright.provider.ResultFile;

/** Where results lie: in a file that Gemini made, or in the batch itself. */
sealed interface ResultReference {
    /**
     * @param name {@code files/batch-4m8}; may be longer than other calls for files accept
     */
    record InFile(String name) implements ResultReference {}

    /**
     * @param id {@code batches/4m8}
     */
    record InBatch(String id) implements ResultReference {}

    static ResultFile ofFile(String name) {
        return new ResultFile("file:" + name);
    }

    static ResultFile ofBatch(String id) {
        return new ResultFile("inline:" + id);
    }

    static ResultReference parse(ResultFile file) {
        String reference = file.reference();
        if (reference.startsWith("file:")) {
            return new InFile(reference.substring("file:".length()));
        }
        if (reference.startsWith("inline:")) {
            return new InBatch(reference.substring("inline:".length()));
        }
        throw new IllegalArgumentException(
                "`%s` is no result file of Gemini's".formatted(reference));
    }
}
