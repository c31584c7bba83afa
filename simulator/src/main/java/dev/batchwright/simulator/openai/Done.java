package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Work;

import tools.jackson.core.JsonGenerator;

import java.util.function.Consumer;

/**
 * Work of the endpoints that write no free text and never stream.
 *
 * @param members writes the members of the answer's object
 */
record Done(
        RequestHash hash,
        String model,
        long promptTokens,
        long maxOutputTokens,
        long completionTokens,
        Consumer<JsonGenerator> members)
        implements Work {
    /** Costs nothing but its prompt. */
    static Done of(
            RequestHash hash, String model, long promptTokens, Consumer<JsonGenerator> members) {
        return new Done(hash, model, promptTokens, 0, 0, members);
    }

    @Override
    public Answer run() {
        byte[] body =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            members.accept(json);
                            json.writeEndObject();
                        });
        return new Answer(Profile.json(hash, body), promptTokens, completionTokens);
    }
}
