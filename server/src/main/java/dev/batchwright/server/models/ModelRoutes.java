package dev.batchwright.server.models;

import dev.batchwright.server.ServingContext;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.models.Models.Model;

import io.vertx.ext.web.Router;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code /v1/models}, in the form of OpenAI's API, or of Anthropic's for those who send its version
 * header.
 */
public final class ModelRoutes implements Routes {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String VERSION = "anthropic-version";

    /** When a model came to be is not known; the APIs must have a time. */
    private static final String UNKNOWN_TIME = "1970-01-01T00:00:00Z";

    private final Models models;

    public ModelRoutes(ServingContext context) {
        this.models = new Models(context);
    }

    @Override
    public void mount(Router router) {
        router.get("/v1/models").handler(Exchange.plain(this::list));
        router.getWithRegex("/v1/models/(?<id>.+)")
                .setName("/v1/models/:id")
                .handler(Exchange.plain(this::show));
    }

    private Reply list(Exchange exchange) throws InterruptedException {
        List<Model> all = models.list();
        return exchange.header(VERSION).isPresent()
                ? json(body -> anthropicList(body, all))
                : json(body -> openAiList(body, all));
    }

    /** A name may have slashes in it. */
    private Reply show(Exchange exchange) throws InterruptedException {
        String id = exchange.pathParameter("id");
        Optional<Model> found =
                models.list().stream().filter(model -> model.id().equals(id)).findFirst();
        if (found.isEmpty()) {
            throw ApiError.notFound(
                            "The model '%s' does not exist or you do not have access to it."
                                    .formatted(id))
                    .param("model")
                    .code("model_not_found");
        }
        return exchange.header(VERSION).isPresent()
                ? json(body -> anthropic(body, found.get()))
                : json(body -> openAi(body, found.get()));
    }

    private static void openAiList(JsonGenerator json, List<Model> all) {
        json.writeStartObject();
        json.writeStringProperty("object", "list");
        json.writeArrayPropertyStart("data");
        all.forEach(model -> openAi(json, model));
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void openAi(JsonGenerator json, Model model) {
        json.writeStartObject();
        json.writeStringProperty("id", model.id());
        json.writeStringProperty("object", "model");
        json.writeNumberProperty("created", 0);
        json.writeStringProperty("owned_by", model.owner());
        json.writeEndObject();
    }

    private static void anthropicList(JsonGenerator json, List<Model> all) {
        json.writeStartObject();
        json.writeArrayPropertyStart("data");
        all.forEach(model -> anthropic(json, model));
        json.writeEndArray();
        json.writeBooleanProperty("has_more", false);
        writeId(json, "first_id", all.isEmpty() ? Optional.empty() : Optional.of(all.getFirst()));
        writeId(json, "last_id", all.isEmpty() ? Optional.empty() : Optional.of(all.getLast()));
        json.writeEndObject();
    }

    private static void writeId(JsonGenerator json, String name, Optional<Model> model) {
        if (model.isPresent()) {
            json.writeStringProperty(name, model.get().id());
        } else {
            json.writeNullProperty(name);
        }
    }

    private static void anthropic(JsonGenerator json, Model model) {
        json.writeStartObject();
        json.writeStringProperty("type", "model");
        json.writeStringProperty("id", model.id());
        json.writeStringProperty("display_name", model.id());
        json.writeStringProperty("created_at", UNKNOWN_TIME);
        json.writeEndObject();
    }

    private static Reply json(Consumer<JsonGenerator> body) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            body.accept(json);
        }
        return Reply.json(200, bytes.toByteArray());
    }
}
