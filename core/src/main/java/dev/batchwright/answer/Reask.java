package dev.batchwright.answer;

import dev.batchwright.job.JsonFields;
import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Parsed;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Decides whether an answer that does not fit its schema is asked for again, and with which
 * request. The same request would get the same answer, so each time it is another one:
 *
 * <ul>
 *   <li>An answer that is wrong is appended to the conversation, and after it what is wrong.
 *   <li>An answer that was cut off gets twice the tokens, up to the cap; its conversation stays.
 *   <li>A refusal is an answer: nobody is asked again.
 * </ul>
 *
 * Everything else of the request stays as it is, byte for byte. Each new request is one more to pay
 * for, and a longer one. Immutable, safe for any thread.
 *
 * @param maxAttempts the most answers for one item, the first one included; at least 1, which asks
 *     nothing again
 * @param maxTokens to which the limit of an answer may grow, in tokens; at least 1
 */
public record Reask(int maxAttempts, int maxTokens) {
    /** Three answers, and up to 32,768 tokens. */
    public static final Reask DEFAULT = new Reask(3, 32_768);

    private static final Set<String> CUT_OFF =
            Set.of("length", "max_tokens", "max_output_tokens", "MAX_TOKENS");

    /**
     * Checks both caps.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public Reask {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "maxAttempts is %d, and the first answer is one. Use 1 or more."
                            .formatted(maxAttempts));
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException(
                    "maxTokens is %d. Use 1 or more.".formatted(maxTokens));
        }
    }

    /** What is to be done about an answer that does not fit. */
    public sealed interface Next {
        /**
         * Send this body to the same endpoint.
         *
         * @param request the body of the next request
         */
        record Again(RawJson request) implements Next {}

        /**
         * The answer stays what it is, for this reason.
         *
         * @param reason for people; quotes nothing of the answer
         */
        record GiveUp(String reason) implements Next {}
    }

    /**
     * Decides about one answer.
     *
     * @param endpoint that the request was for, as in {@code /v1/chat/completions}; the answer has
     *     its form
     * @param request the body of the request that got this answer
     * @param answer the body of the reply, which was a success
     * @param invalid what is wrong with it
     * @param attempts how many answers there were, this one included
     * @return what is to be done about it
     * @throws IllegalArgumentException if the request is not a JSON object
     */
    public Next next(
            String endpoint,
            RawJson request,
            RawJson answer,
            Parsed.Invalid<?> invalid,
            int attempts) {
        Optional<Form> form = Form.of(endpoint);
        if (form.isEmpty()) {
            return new Next.GiveUp(
                    "%s has no conversation to go on with: %s"
                            .formatted(endpoint, invalid.reason()));
        }
        AnswerText said = AnswerText.ofBody(answer);
        if (said.refused()) {
            return new Next.GiveUp(
                    "the model refused to answer%s, and is not asked again."
                            .formatted(
                                    said.finishReason().isEmpty()
                                            ? ""
                                            : " (%s)".formatted(said.finishReason())));
        }
        if (attempts >= maxAttempts) {
            return new Next.GiveUp(
                    "after %d of %d answers: %s"
                            .formatted(attempts, maxAttempts, invalid.reason()));
        }
        JsonFields fields = JsonFields.of(request);
        return CUT_OFF.contains(said.finishReason())
                ? withMoreTokens(form.get(), fields, answer)
                : new Next.Again(
                        form.get().goOn(fields, said.written(), complaint(said, invalid)).json());
    }

    private static String complaint(AnswerText said, Parsed.Invalid<?> invalid) {
        String problem =
                said.written().isEmpty()
                        ? "Your answer has no text."
                        : "Your answer does not fit: " + invalid.reason();
        return problem + "\nAnswer again with the whole JSON, corrected, and nothing else.";
    }

    private Next withMoreTokens(Form form, JsonFields request, RawJson answer) {
        OptionalLong limit = form.limit(request, answer);
        if (limit.isEmpty()) {
            return new Next.GiveUp(
                    "the answer was cut off, and neither the request nor the answer says at how"
                            + " many tokens. Set a limit.");
        }
        long more = Math.min(2 * limit.getAsLong(), maxTokens);
        return more > limit.getAsLong()
                ? new Next.Again(form.withLimit(request, more).json())
                : new Next.GiveUp(
                        "the answer was cut off at %,d tokens, and may not have more than %,d."
                                .formatted(limit.getAsLong(), maxTokens));
    }

    /** How an API writes conversations and limits. */
    private enum Form {
        CHAT("messages"),
        RESPONSES("input"),
        MESSAGES("messages"),
        GENERATE_CONTENT("contents");

        private final String turns;

        Form(String turns) {
            this.turns = turns;
        }

        static Optional<Form> of(String endpoint) {
            if (endpoint.endsWith("/chat/completions")) {
                return Optional.of(CHAT);
            }
            if (endpoint.endsWith("/responses")) {
                return Optional.of(RESPONSES);
            }
            if (endpoint.endsWith("/messages")) {
                return Optional.of(MESSAGES);
            }
            return endpoint.endsWith(":generateContent")
                    ? Optional.of(GENERATE_CONTENT)
                    : Optional.empty();
        }

        JsonFields goOn(JsonFields request, String answer, String complaint) {
            var more = new ArrayList<RawJson>();
            RawJson former = request.find(turns).orElse(RawJson.array(List.of()));
            if (former.byteAt(0) == '"') {
                // A response may be asked for with a text alone.
                former =
                        RawJson.array(
                                List.of(
                                        RawJson.of(
                                                "{\"role\":\"user\",\"content\":%s}"
                                                        .formatted(former))));
            }
            // Anthropic takes no empty text.
            if (!answer.isEmpty()) {
                more.add(turn(this == GENERATE_CONTENT ? "model" : "assistant", answer));
            }
            more.add(turn("user", complaint));
            return request.with(turns, appended(former, more));
        }

        private RawJson turn(String role, String text) {
            String form =
                    this == GENERATE_CONTENT
                            ? "{\"role\":\"%s\",\"parts\":[{\"text\":%s}]}"
                            : "{\"role\":\"%s\",\"content\":%s}";
            // A model can write half a character, which has no form in UTF-8.
            String whole =
                    new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            return RawJson.of(form.formatted(role, RawJson.quoted(whole)));
        }

        private static RawJson appended(RawJson array, List<RawJson> more) {
            String elements = array.toString();
            int end = elements.lastIndexOf(']');
            if (end < 0) {
                throw new IllegalArgumentException("the conversation is not an array");
            }
            String head = elements.substring(0, end);
            String tail = RawJson.array(more).toString().substring(1);
            boolean empty = head.substring(1).isBlank();
            return RawJson.of(head + (empty ? "" : ",") + tail);
        }

        /** Where the answer was cut off: as the request says, otherwise how far it came. */
        OptionalLong limit(JsonFields request, RawJson answer) {
            JsonFields limits =
                    this == GENERATE_CONTENT ? request.object("generationConfig") : request;
            OptionalLong asked = number(limits, limitName(limits));
            if (asked.isPresent()) {
                return asked;
            }
            JsonFields reply = JsonFields.of(answer);
            JsonFields usage = reply.object(this == GENERATE_CONTENT ? "usageMetadata" : "usage");
            return switch (this) {
                case CHAT -> number(usage, "completion_tokens");
                case RESPONSES, MESSAGES -> number(usage, "output_tokens");
                case GENERATE_CONTENT -> {
                    OptionalLong said = number(usage, "candidatesTokenCount");
                    long thought = number(usage, "thoughtsTokenCount").orElse(0);
                    yield said.isPresent() || thought > 0
                            ? OptionalLong.of(said.orElse(0) + thought)
                            : said;
                }
            };
        }

        private String limitName(JsonFields limits) {
            return switch (this) {
                case CHAT ->
                        number(limits, "max_tokens").isPresent()
                                ? "max_tokens"
                                : "max_completion_tokens";
                case RESPONSES -> "max_output_tokens";
                case MESSAGES -> "max_tokens";
                case GENERATE_CONTENT -> "maxOutputTokens";
            };
        }

        JsonFields withLimit(JsonFields request, long tokens) {
            RawJson limit = RawJson.of(Long.toString(tokens));
            if (this == GENERATE_CONTENT) {
                JsonFields config =
                        request.object("generationConfig").with(limitName(request), limit);
                return request.with("generationConfig", config.json());
            }
            return request.with(limitName(request), limit);
        }

        private static OptionalLong number(JsonFields fields, String name) {
            String text = fields.find(name).map(RawJson::toString).orElse("");
            return text.matches("[1-9][0-9]{0,9}")
                    ? OptionalLong.of(Long.parseLong(text))
                    : OptionalLong.empty();
        }
    }
}
