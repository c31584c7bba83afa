package dev.batchwright.langchain4j;

import dev.batchwright.JsonRequest;
import dev.batchwright.Request;
import dev.batchwright.job.RawJson;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonSchema;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * LangChain4j's chat requests in the form of OpenAI's chat completions. What this form has no place
 * for is refused by name, but for what only LangChain4j itself reads: attributes of messages,
 * metadata of tools, whether a tool's result is an error (its text says so), and the thinking of
 * former answers, which models don't want back.
 */
final class ChatForm {
    private static final String ENDPOINT = "/v1/chat/completions";
    private static final JsonMapper JSON = new JsonMapper();

    private final Fields fields;

    ChatForm(Fields fields) {
        this.fields = fields;
    }

    static UnsupportedFeatureException unsupported(String what) {
        return new UnsupportedFeatureException(
                "%s has no counterpart in a chat completion. Nothing was sent.".formatted(what));
    }

    /**
     * @throws UnsupportedFeatureException if something in it can't be said
     */
    JsonRequest write(ChatRequest request) {
        ObjectNode body = JSON.createObjectNode();
        write(request.parameters(), body);
        ArrayNode messages = body.putArray("messages");
        request.messages().forEach(message -> messages.add(message(message)));
        return fields.addTo(Request.json(ENDPOINT, RawJson.of(JSON.writeValueAsBytes(body))));
    }

    /** Parameters of a provider's own type say more than can be seen here. */
    static void check(ChatRequestParameters parameters) {
        if (parameters.getClass() != DefaultChatRequestParameters.class) {
            throw new UnsupportedFeatureException(
                    "%s are the parameters of another model. Use ChatRequestParameters, and with(...) for what it does not know. Nothing was sent."
                            .formatted(parameters.getClass().getSimpleName()));
        }
        if (parameters.topK() != null) {
            throw unsupported("topK");
        }
    }

    private static void write(ChatRequestParameters parameters, ObjectNode body) {
        check(parameters);
        if (parameters.modelName() != null) {
            body.put("model", parameters.modelName());
        }
        number(body, "temperature", parameters.temperature());
        number(body, "top_p", parameters.topP());
        number(body, "frequency_penalty", parameters.frequencyPenalty());
        number(body, "presence_penalty", parameters.presencePenalty());
        if (parameters.maxOutputTokens() != null) {
            body.put("max_completion_tokens", parameters.maxOutputTokens());
        }
        if (!parameters.stopSequences().isEmpty()) {
            ArrayNode stop = body.putArray("stop");
            parameters.stopSequences().forEach(stop::add);
        }
        if (!parameters.toolSpecifications().isEmpty()) {
            ArrayNode tools = body.putArray("tools");
            parameters.toolSpecifications().forEach(tool -> tools.add(tool(tool)));
        }
        if (parameters.toolChoice() != null) {
            body.put("tool_choice", choice(parameters.toolChoice()));
        }
        if (parameters.responseFormat() != null) {
            write(parameters.responseFormat(), body);
        }
    }

    private static void number(ObjectNode body, String name, @Nullable Double value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private static String choice(ToolChoice choice) {
        return switch (choice) {
            case AUTO -> "auto";
            case REQUIRED -> "required";
            case NONE -> "none";
        };
    }

    private static ObjectNode tool(ToolSpecification tool) {
        boolean strict = Boolean.TRUE.equals(tool.strict());
        ObjectNode node = JSON.createObjectNode().put("type", "function");
        ObjectNode function = node.putObject("function").put("name", tool.name());
        if (tool.description() != null) {
            function.put("description", tool.description());
        }
        if (strict) {
            function.put("strict", true);
        }
        if (tool.parameters() != null) {
            function.set("parameters", new SchemaForm(strict).write(tool.parameters()));
        }
        return node;
    }

    private static void write(ResponseFormat format, ObjectNode body) {
        if (format.type() == ResponseFormatType.TEXT) {
            return;
        }
        ObjectNode node = body.putObject("response_format");
        JsonSchema schema = format.jsonSchema();
        if (schema == null) {
            node.put("type", "json_object");
            return;
        }
        boolean strict = SchemaForm.isClosed(schema.rootElement());
        node.put("type", "json_schema")
                .putObject("json_schema")
                .put("name", schema.name())
                .put("strict", strict)
                .set("schema", new SchemaForm(strict).write(schema.rootElement()));
    }

    private static ObjectNode message(ChatMessage message) {
        return switch (message) {
            case SystemMessage system -> of("system").put("content", system.text());
            case UserMessage user -> user(user);
            case AiMessage answer -> answer(answer);
            case ToolExecutionResultMessage result -> result(result);
            default -> throw unsupported("A message of type " + message.type());
        };
    }

    private static ObjectNode of(String role) {
        return JSON.createObjectNode().put("role", role);
    }

    private static ObjectNode user(UserMessage user) {
        ObjectNode node = of("user");
        if (user.name() != null) {
            node.put("name", user.name());
        }
        if (user.hasSingleText()) {
            return node.put("content", user.singleText());
        }
        ArrayNode parts = node.putArray("content");
        user.contents().forEach(content -> parts.add(part(content)));
        return node;
    }

    private static ObjectNode part(Content content) {
        return switch (content) {
            case TextContent text -> text(text);
            case ImageContent image -> image(image);
            default -> throw unsupported("Content of type " + content.type());
        };
    }

    private static ObjectNode text(TextContent text) {
        return JSON.createObjectNode().put("type", "text").put("text", text.text());
    }

    private static ObjectNode image(ImageContent content) {
        ObjectNode node = JSON.createObjectNode().put("type", "image_url");
        node.putObject("image_url")
                .put("url", url(content.image()))
                .put("detail", detail(content.detailLevel()));
        return node;
    }

    private static String url(Image image) {
        if (image.url() != null) {
            return image.url().toString();
        }
        if (image.mimeType() == null) {
            throw unsupported("An image without a MIME type");
        }
        return "data:%s;base64,%s".formatted(image.mimeType(), image.base64Data());
    }

    private static String detail(ImageContent.DetailLevel level) {
        return switch (level) {
            case LOW -> "low";
            case HIGH -> "high";
            case AUTO -> "auto";
            case MEDIUM, ULTRA_HIGH -> throw unsupported("The detail level %s".formatted(level));
        };
    }

    private static ObjectNode answer(AiMessage answer) {
        if (!answer.images().isEmpty()) {
            throw unsupported("An image in an AiMessage");
        }
        ObjectNode node = of("assistant").put("content", answer.text());
        if (answer.hasToolExecutionRequests()) {
            ArrayNode calls = node.putArray("tool_calls");
            for (ToolExecutionRequest call : answer.toolExecutionRequests()) {
                calls.addObject()
                        .put("id", call.id())
                        .put("type", "function")
                        .putObject("function")
                        .put("name", call.name())
                        .put("arguments", call.arguments());
            }
        }
        return node;
    }

    private static ObjectNode result(ToolExecutionResultMessage result) {
        ObjectNode node = of("tool").put("tool_call_id", result.id());
        if (result.hasSingleText()) {
            return node.put("content", result.text());
        }
        ArrayNode parts = node.putArray("content");
        for (Content content : result.contents()) {
            if (!(content instanceof TextContent text)) {
                throw unsupported(
                        "Content of type %s in a tool's result".formatted(content.type()));
            }
            parts.add(text(text));
        }
        return node;
    }
}
