package dev.batchwright.langchain4j;

import dev.batchwright.JsonRequest;
import dev.batchwright.Request;
import dev.batchwright.job.RawJson;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Embeddings in the form of OpenAI's API, both ways. */
final class EmbeddingForm {
    private static final String ENDPOINT = "/v1/embeddings";
    private static final JsonMapper JSON = new JsonMapper();

    private final Fields fields;

    EmbeddingForm(Fields fields) {
        this.fields = fields;
    }

    JsonRequest write(List<String> texts, EmbeddingRequestParameters parameters) {
        ObjectNode body = JSON.createObjectNode();
        if (parameters.modelName() != null) {
            body.put("model", parameters.modelName());
        }
        if (parameters.dimensions() != null) {
            body.put("dimensions", parameters.dimensions());
        }
        ArrayNode input = body.putArray("input");
        texts.forEach(input::add);
        return fields.addTo(Request.json(ENDPOINT, RawJson.of(JSON.writeValueAsBytes(body))));
    }

    /**
     * @throws LangChain4jException if it does not have one vector for each text
     */
    static EmbeddingResponse read(RawJson answer, int texts) {
        JsonNode body = JSON.readTree(answer.toByteArray());
        @Nullable Embedding[] embeddings = new @Nullable Embedding[texts];
        for (JsonNode entry : body.path("data")) {
            int place = entry.path("index").asInt(-1);
            if (place >= 0 && place < texts && entry.path("embedding").isArray()) {
                embeddings[place] = embedding(entry.path("embedding"));
            }
        }
        List<Embedding> all = Arrays.stream(embeddings).filter(Objects::nonNull).toList();
        if (all.size() < texts) {
            throw new LangChain4jException(
                    "The answer has %,d vectors of numbers for %,d texts. It is kept with its job."
                            .formatted(all.size(), texts));
        }
        return EmbeddingResponse.builder()
                .embeddings(all)
                .modelName(body.path("model").asString(""))
                .tokenUsage(ChatAnswer.usage(body))
                .build();
    }

    private static Embedding embedding(JsonNode vector) {
        float[] numbers = new float[vector.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = vector.get(i).floatValue();
        }
        return Embedding.from(numbers);
    }
}
