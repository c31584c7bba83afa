package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Echo;
import dev.batchwright.simulator.model.Picture;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.util.Base64;

/** Images: a picture of one point whose comment is the echo of the prompt. */
final class Images {
    private static final int TOKENS_PER_IMAGE = 100;

    private Images() {}

    static Intake read(JsonNode body, RequestHash hash, Profile profile) {
        Checks checks =
                Checks.of(body)
                        .string("model")
                        .required("prompt")
                        .string("prompt")
                        .integer("n", 1, 10)
                        .string("response_format");
        if (checks.problem().isPresent()) {
            return new Intake.Refused(checks.problem().get());
        }
        String prompt = body.path("prompt").asString();
        long promptTokens = Tokens.of(prompt);
        int n = body.path("n").asInt(1);
        long written = (long) n * TOKENS_PER_IMAGE;
        boolean url = body.path("response_format").asString("").equals("url");
        return new Intake.Ready(
                new Done(
                        hash,
                        body.path("model").asString("gpt-image-1"),
                        promptTokens,
                        written,
                        written,
                        json -> {
                            json.writeNumberProperty("created", Profile.created(hash));
                            json.writeArrayPropertyStart("data");
                            for (int i = 0; i < n; i++) {
                                image(json, hash, Echo.of(prompt), url);
                            }
                            json.writeEndArray();
                            usage(json, promptTokens, written);
                        }));
    }

    private static void image(JsonGenerator json, RequestHash hash, String echo, boolean url) {
        json.writeStartObject();
        if (url) {
            json.writeStringProperty("url", "https://images.invalid/" + hash.hex(32) + ".png");
        } else {
            json.writeStringProperty(
                    "b64_json", Base64.getEncoder().encodeToString(Picture.png(echo)));
        }
        json.writeStringProperty("revised_prompt", echo);
        json.writeEndObject();
    }

    private static void usage(JsonGenerator json, long prompt, long written) {
        json.writeObjectPropertyStart("usage");
        json.writeNumberProperty("input_tokens", prompt);
        json.writeObjectPropertyStart("input_tokens_details");
        json.writeNumberProperty("text_tokens", prompt);
        json.writeNumberProperty("image_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("output_tokens", written);
        json.writeNumberProperty("total_tokens", prompt + written);
        json.writeEndObject();
    }
}
