package dev.batchwright.server.edge;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;

/** How an API writes its errors. */
public enum ErrorForm {
    OPENAI {
        @Override
        void write(JsonGenerator json, ApiError error, String requestId) {
            json.writeStartObject();
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("message", error.message());
            json.writeStringProperty("type", error.type());
            writeText(json, "param", error.param().orElse(null));
            writeText(json, "code", error.code().orElse(null));
            json.writeEndObject();
            json.writeEndObject();
        }
    },
    ANTHROPIC {
        @Override
        void write(JsonGenerator json, ApiError error, String requestId) {
            json.writeStartObject();
            json.writeStringProperty("type", "error");
            json.writeObjectPropertyStart("error");
            json.writeStringProperty("type", anthropicType(error.status()));
            json.writeStringProperty("message", error.message());
            json.writeEndObject();
            json.writeStringProperty("request_id", requestId);
            json.writeEndObject();
        }
    };

    private static final JsonFactory JSON = new JsonFactory();
    private static final String MESSAGES = "/v1/messages";

    /** The form of the API that a path belongs to. */
    public static ErrorForm of(String path) {
        return path.equals(MESSAGES) || path.startsWith(MESSAGES + "/") ? ANTHROPIC : OPENAI;
    }

    /**
     * The same of a request: where both APIs have a path, by the header that Anthropic's clients
     * send.
     */
    static ErrorForm of(String path, boolean anthropicVersion) {
        return anthropicVersion ? ANTHROPIC : of(path);
    }

    /** The body of an answer. */
    public byte[] body(ApiError error, String requestId) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(json, error, requestId);
        }
        return bytes.toByteArray();
    }

    abstract void write(JsonGenerator json, ApiError error, String requestId);

    private static void writeText(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }

    private static String anthropicType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }
}
