package dev.batchwright.simulator.openai;

import tools.jackson.core.JsonGenerator;

/** The usage objects. */
final class Usage {
    private Usage() {}

    /** For chat completions and completions. */
    static void completion(JsonGenerator json, long prompt, long completion) {
        json.writeStartObject();
        json.writeNumberProperty("prompt_tokens", prompt);
        json.writeNumberProperty("completion_tokens", completion);
        json.writeNumberProperty("total_tokens", prompt + completion);
        json.writeObjectPropertyStart("prompt_tokens_details");
        json.writeNumberProperty("cached_tokens", 0);
        json.writeNumberProperty("audio_tokens", 0);
        json.writeEndObject();
        json.writeObjectPropertyStart("completion_tokens_details");
        json.writeNumberProperty("reasoning_tokens", 0);
        json.writeNumberProperty("audio_tokens", 0);
        json.writeNumberProperty("accepted_prediction_tokens", 0);
        json.writeNumberProperty("rejected_prediction_tokens", 0);
        json.writeEndObject();
        json.writeEndObject();
    }

    /** For responses. */
    static void response(JsonGenerator json, long input, long output) {
        json.writeStartObject();
        json.writeNumberProperty("input_tokens", input);
        json.writeObjectPropertyStart("input_tokens_details");
        json.writeNumberProperty("cached_tokens", 0);
        json.writeNumberProperty("cache_write_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("output_tokens", output);
        json.writeObjectPropertyStart("output_tokens_details");
        json.writeNumberProperty("reasoning_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("total_tokens", input + output);
        json.writeEndObject();
    }

    /** For embeddings, score and rerank. */
    static void prompt(JsonGenerator json, long prompt) {
        json.writeStartObject();
        json.writeNumberProperty("prompt_tokens", prompt);
        json.writeNumberProperty("total_tokens", prompt);
        json.writeEndObject();
    }
}
