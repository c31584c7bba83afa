package dev.batchwright.answer;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a person would call the answer, out of the two fields of an output line.
 *
 * @param text of a chat's or completion's first choice, a response's output or a message; of an
 *     embedding its numbers, as JSON; of anything else the whole body; empty where nothing came
 * @param written what a model wrote, with nothing that stands in for it: no refusal, no body; this
 *     is what is parsed
 * @param finishReason why the model stopped, or a response's status; empty where it is not said
 * @param error the error's message, or its code, empty where there is none
 * @param refused whether the model or a filter declined to answer
 */
public record AnswerText(
        String text, String written, String finishReason, String error, boolean refused) {
    // OpenAI's, Anthropic's and Gemini's.
    private static final Set<String> REFUSALS =
            Set.of(
                    "content_filter",
                    "refusal",
                    "safety",
                    "recitation",
                    "blocklist",
                    "prohibited_content",
                    "spii",
                    "image_safety",
                    "image_prohibited_content",
                    "image_recitation");

    // A value can't be longer than the answer, which its own limit has let in.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /**
     * Reads an answer as the store keeps it.
     *
     * @param answer {@code "response":{..},"error":{..}}, as the store keeps it
     * @return what it says
     */
    public static AnswerText of(RawJson answer) {
        return new Reading(answer).read();
    }

    /**
     * Reads the body of an answer.
     *
     * @param body of a reply of success
     * @return what it says
     */
    public static AnswerText ofBody(RawJson body) {
        return of(RawJson.of("\"response\":{\"status_code\":200,\"body\":%s}".formatted(body)));
    }

    /** One pass over the answer; what is not looked at is skipped, not built. */
    private static final class Reading {
        private final byte[] bytes;
        private final JsonParser parser;
        private final List<String> texts = new ArrayList<>();
        private Optional<String> refusal = Optional.empty();
        private Span vector = new Span(0, 0);
        private int vectors;
        private Span data = new Span(0, 0);
        private Span body = new Span(0, 0);
        private int choices;
        private String finishReason = "";
        private String incomplete = "";
        private String errorMessage = "";
        private String errorCode = "";
        private boolean blocked;
        private int status;

        Reading(RawJson answer) {
            ByteBuffer object = ByteBuffer.allocate(answer.length() + 2);
            object.put((byte) '{').put(answer.buffer()).put((byte) '}');
            bytes = object.array();
            parser = JSON.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length);
        }

        AnswerText read() {
            parser.nextToken();
            fields(
                    name -> {
                        switch (name) {
                            case "response" -> fields(this::responseField);
                            case "error" -> error();
                            default -> parser.skipChildren();
                        }
                    });
            boolean failed = status < 200 || status > 299;
            String error = errorMessage.isEmpty() ? errorCode : errorMessage;
            if (failed && error.isEmpty() && status > 0) {
                error = "HTTP status %d".formatted(status);
            }
            String reason = incomplete.isEmpty() ? finishReason : incomplete;
            boolean refused =
                    !failed
                            && (refusal.isPresent()
                                    || blocked
                                    || REFUSALS.contains(reason.toLowerCase(Locale.ROOT)));
            String written = failed ? "" : String.join("", texts);
            return new AnswerText(failed ? "" : text(), written, reason, error, refused);
        }

        private String text() {
            if (!texts.isEmpty()) {
                return String.join("", texts);
            }
            if (refusal.isPresent()) {
                return refusal.get();
            }
            Span span = vectors == 1 ? vector : data.to() > 0 ? data : body;
            return new String(bytes, span.from(), span.to() - span.from(), StandardCharsets.UTF_8);
        }

        private record Span(int from, int to) {}

        private interface Field {
            void read(String name);
        }

        /** Reads the fields of an object; of anything else, nothing. */
        private void fields(Field field) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                field.read(name);
            }
        }

        private void elements(Runnable element) {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                element.run();
            }
        }

        private Optional<String> string() {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                return Optional.of(parser.getString());
            }
            parser.skipChildren();
            return Optional.empty();
        }

        private void responseField(String name) {
            switch (name) {
                case "status_code" -> status = parser.getValueAsInt(0);
                case "body" -> body = span(() -> fields(this::bodyField));
                default -> parser.skipChildren();
            }
        }

        /** Where the value stands that the action reads. */
        private Span span(Runnable action) {
            int from = (int) parser.currentTokenLocation().getByteOffset();
            action.run();
            parser.finishToken();
            return new Span(from, (int) parser.currentLocation().getByteOffset());
        }

        private void bodyField(String name) {
            switch (name) {
                case "choices" -> elements(this::choice);
                // The blocks of a message of Anthropic's.
                case "content" -> elements(() -> fields(this::contentField));
                case "stop_reason" -> string().ifPresent(it -> finishReason = it);
                case "candidates" -> elements(this::candidate);
                case "promptFeedback" -> fields(this::feedback);
                case "embedding" -> fields(this::geminiVector);
                case "output" -> elements(() -> fields(this::outputField));
                case "data" -> data = span(() -> elements(() -> fields(this::dataField)));
                case "status" -> string().ifPresent(it -> finishReason = it);
                case "incomplete_details" ->
                        fields(
                                detail ->
                                        string().filter(it -> detail.equals("reason"))
                                                .ifPresent(it -> incomplete = it));
                case "error" -> error();
                default -> parser.skipChildren();
            }
        }

        private void choice() {
            if (choices++ > 0) {
                parser.skipChildren();
                return;
            }
            fields(
                    name -> {
                        switch (name) {
                            case "message" -> fields(this::messageField);
                            case "text" -> string().ifPresent(texts::add);
                            case "finish_reason" -> string().ifPresent(it -> finishReason = it);
                            default -> parser.skipChildren();
                        }
                    });
        }

        // Gemini's own form of a choice.
        private void candidate() {
            if (choices++ > 0) {
                parser.skipChildren();
                return;
            }
            fields(
                    name -> {
                        switch (name) {
                            case "content" -> fields(this::candidateContent);
                            case "finishReason" -> string().ifPresent(it -> finishReason = it);
                            default -> parser.skipChildren();
                        }
                    });
        }

        private void candidateContent(String name) {
            if (name.equals("parts")) {
                elements(this::candidatePart);
            } else {
                parser.skipChildren();
            }
        }

        private void candidatePart() {
            var part = new ArrayList<String>();
            fields(
                    name -> {
                        switch (name) {
                            case "text" -> string().ifPresent(part::add);
                            // What the model thought is no answer.
                            case "thought" -> part.add("");
                            default -> parser.skipChildren();
                        }
                    });
            if (part.size() == 1) {
                texts.addAll(part);
            }
        }

        // A prompt that was blocked has no candidate.
        private void feedback(String name) {
            if (name.equals("blockReason")) {
                string().ifPresent(
                                reason -> {
                                    blocked = true;
                                    finishReason = reason;
                                });
            } else {
                parser.skipChildren();
            }
        }

        private void geminiVector(String name) {
            if (name.equals("values")) {
                vectors++;
                vector = span(parser::skipChildren);
            } else {
                parser.skipChildren();
            }
        }

        private void messageField(String name) {
            switch (name) {
                case "content" -> {
                    if (parser.currentToken() == JsonToken.START_ARRAY) {
                        elements(() -> fields(this::contentField));
                    } else {
                        string().ifPresent(texts::add);
                    }
                }
                case "refusal" -> string().ifPresent(it -> refusal = Optional.of(it));
                default -> parser.skipChildren();
            }
        }

        private void outputField(String name) {
            if (name.equals("content")) {
                elements(() -> fields(this::contentField));
            } else {
                parser.skipChildren();
            }
        }

        // The parts of reasoning are called `summary`, so every `text` here is meant for people.
        private void contentField(String name) {
            switch (name) {
                case "text" -> string().ifPresent(texts::add);
                case "refusal" -> string().ifPresent(it -> refusal = Optional.of(it));
                default -> parser.skipChildren();
            }
        }

        private void dataField(String name) {
            if (name.equals("embedding")) {
                vectors++;
                vector = span(parser::skipChildren);
            } else {
                parser.skipChildren();
            }
        }

        private void error() {
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                errorMessage = parser.getString();
                return;
            }
            fields(
                    name -> {
                        switch (name) {
                            case "message" -> string().ifPresent(it -> errorMessage = it);
                            case "code" -> string().ifPresent(it -> errorCode = it);
                            default -> parser.skipChildren();
                        }
                    });
        }
    }
}
