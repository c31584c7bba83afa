package dev.batchwright.server.calls;

import dev.batchwright.collect.CallStatus;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.job.JobState;
import dev.batchwright.job.RawJson;
import dev.batchwright.server.edge.ApiError;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A response that is made in the background: its client is told an id at once, and asks for it
 * until it is there. Behind it is an ordinary call.
 *
 * <p>The id is that of the call, with what is told before the answer is there: when it was asked
 * for, and of which model. So nothing more is stored, and any server of the store can tell.
 */
record BackgroundResponse(String call, Instant createdAt, String model) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern ID =
            Pattern.compile("resp_([0-9a-f]{32})([0-9a-f]{16})([A-Za-z0-9_-]{0,512})");
    private static final String CALL = "call_";
    private static final byte[] WORD = "\"background\"".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_OF_THE_SERVER = 500;

    /** Reads an id; empty where it is none of ours. */
    static Optional<BackgroundResponse> of(String id) {
        Matcher parts = ID.matcher(id);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            byte[] model = Base64.getUrlDecoder().decode(parts.group(3));
            return Optional.of(
                    new BackgroundResponse(
                            CALL + parts.group(1),
                            Instant.ofEpochSecond(HexFormat.fromHexDigitsToLong(parts.group(2))),
                            new String(model, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    String id() {
        byte[] name = model.getBytes(StandardCharsets.UTF_8);
        return "resp_"
                + call.substring(CALL.length())
                + HEX.toHexDigits(createdAt.getEpochSecond())
                + Base64.getUrlEncoder().withoutPadding().encodeToString(name);
    }

    /**
     * The request whose answer is waited for, where this one asks for it in the background.
     *
     * @throws ApiError if it asks for what can't be had so
     */
    static Optional<Foreground> foreground(byte[] body) {
        if (!contains(body, WORD)) {
            return Optional.empty();
        }
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JacksonException unreadable) {
            return Optional.empty(); // It is refused as any other call.
        }
        if (!(json instanceof ObjectNode request) || !request.path("background").asBoolean(false)) {
            return Optional.empty();
        }
        if (request.path("stream").asBoolean(false)) {
            throw ApiError.invalid(
                            "stream",
                            "A response in the background has no stream here. Remove `stream`, or"
                                    + " remove `background`.")
                    .code("unsupported_parameter");
        }
        request.remove("background");
        // Cheap and slow is what is asked for, and what a batch is: it takes no such word.
        if (request.path("service_tier").asString("").equals("flex")) {
            request.remove("service_tier");
        }
        return Optional.of(
                new Foreground(
                        RawJson.of(JSON.writeValueAsBytes(request)),
                        request.path("model").asString("")));
    }

    /** A request without the word that it may take its time. */
    record Foreground(RawJson body, String model) {}

    // A search for bytes: most requests have not the word, and need not be read twice.
    private static boolean contains(byte[] body, byte[] word) {
        for (int start = 0; start <= body.length - word.length; start++) {
            int same = 0;
            while (same < word.length && body[start + same] == word[same]) {
                same++;
            }
            if (same == word.length) {
                return true;
            }
        }
        return false;
    }

    /** What is told when it was taken. */
    byte[] queued() {
        return JSON.writeValueAsBytes(pending("queued"));
    }

    /**
     * What is told to who asks.
     *
     * @throws ApiError if there is no such call
     */
    byte[] told(CallStatus status) {
        ObjectNode response =
                switch (status) {
                    case CallStatus.UnderWay underWay -> pending("in_progress");
                    case CallStatus.Answered(CollectedAnswer answer) -> answered(answer);
                    case CallStatus.Ended(var job, JobState.Cancelled state) ->
                            pending("cancelled");
                    case CallStatus.Ended(var job, var state) ->
                            failed("server_error", "Its job ended without an answer.");
                    case CallStatus.Unknown unknown -> throw notFound(id());
                };
        return JSON.writeValueAsBytes(response);
    }

    static ApiError notFound(String id) {
        return ApiError.notFound(
                "Response with id '%s' not found."
                        .formatted(id.length() > 200 ? id.substring(0, 200) + "..." : id));
    }

    private ObjectNode answered(CollectedAnswer answer) {
        JsonNode body = JSON.readTree(answer.body().toByteArray());
        if (answer.isGood() && body instanceof ObjectNode response) {
            response.put("id", id());
            response.put("background", true);
            return response;
        }
        return failed(
                answer.status() < FIRST_OF_THE_SERVER ? "invalid_prompt" : "server_error",
                body.path("error").path("message").asString("The request was refused."));
    }

    private ObjectNode failed(String code, String message) {
        ObjectNode response = pending("failed");
        response.putObject("error").put("code", code).put("message", message);
        return response;
    }

    private ObjectNode pending(String status) {
        ObjectNode response = JSON.createObjectNode();
        response.put("id", id());
        response.put("object", "response");
        response.put("created_at", createdAt.getEpochSecond());
        response.put("status", status);
        response.put("background", true);
        response.put("model", model);
        for (String none : new String[] {"error", "incomplete_details", "instructions"}) {
            response.put(none, (@Nullable String) null);
        }
        response.putArray("output");
        response.putObject("metadata");
        response.put("parallel_tool_calls", true);
        response.put("temperature", 1);
        response.put("top_p", 1);
        response.put("tool_choice", "auto");
        response.putArray("tools");
        return response;
    }
}
