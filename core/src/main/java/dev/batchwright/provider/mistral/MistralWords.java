package dev.batchwright.provider.mistral;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.openai.TopField;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts a chat completion into Mistral's words where they differ from OpenAI's: {@code seed}, {@code
 * max_completion_tokens}, {@code tool_choice:"required"}. What has no counterpart there is left out
 * where it asks for nothing, and refused by name where it does.
 *
 * <p>Only the top of a body is looked at; what stays, stays as the bytes that it came in. Where a
 * body has both words, Mistral's own counts.
 */
final class MistralWords {
    private static final String CHAT = "/v1/chat/completions";

    /** How much longer a body can get: by {@code random_}. */
    static final int GROWTH = 7;

    private static final Map<String, String> RENAMED =
            Map.of("seed", "random_seed", "max_completion_tokens", "max_tokens");
    private static final Set<String> UNKNOWN =
            Set.of(
                    "logprobs",
                    "top_logprobs",
                    "logit_bias",
                    "user",
                    "store",
                    "service_tier",
                    "audio",
                    "modalities",
                    "functions",
                    "function_call",
                    "web_search_options",
                    "verbosity",
                    "prompt_cache_key",
                    "safety_identifier");
    private static final Set<String> NOTHING = Set.of("null", "false", "0", "{}", "[]");
    private static final String TOOL_CHOICE = "tool_choice";
    private static final String REQUIRED = "\"required\"";

    private MistralWords() {}

    /** What has no counterpart, as a clause; empty if all has. */
    static Optional<String> refusal(Request request) {
        if (!request.endpoint().equals(CHAT)) {
            return Optional.empty();
        }
        byte[] body = request.body().toByteArray();
        List<String> names =
                TopField.of(body).stream()
                        .filter(field -> UNKNOWN.contains(field.name()))
                        .filter(field -> !asksForNothing(field, body))
                        .map(field -> "`" + field.name() + "`")
                        .distinct()
                        .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "mistral has nothing like %s; leave it out or choose another provider"
                                .formatted(String.join(", ", names)));
    }

    private static boolean asksForNothing(TopField field, byte[] body) {
        return NOTHING.contains(field.text(body));
    }

    /** The request in Mistral's words; itself where they are the same. */
    static Request translated(Request request) {
        if (!request.endpoint().equals(CHAT)) {
            return request;
        }
        byte[] body = request.body().toByteArray();
        List<TopField> fields = TopField.of(body);
        if (fields.stream().noneMatch(field -> isForeign(field, body))) {
            return request;
        }
        return new Request(
                request.provider(), request.endpoint(), request.model(), rewritten(fields, body));
    }

    private static boolean isForeign(TopField field, byte[] body) {
        return RENAMED.containsKey(field.name())
                || UNKNOWN.contains(field.name())
                || isRequiredTool(field, body);
    }

    private static boolean isRequiredTool(TopField field, byte[] body) {
        return field.name().equals(TOOL_CHOICE) && field.text(body).equals(REQUIRED);
    }

    private static RawJson rewritten(List<TopField> fields, byte[] body) {
        Set<String> names = fields.stream().map(TopField::name).collect(Collectors.toSet());
        var out = new ByteArrayOutputStream(body.length + GROWTH);
        String separator = "{";
        for (TopField field : fields) {
            String name = RENAMED.getOrDefault(field.name(), field.name());
            boolean hasOwn = !name.equals(field.name()) && names.contains(name);
            if (UNKNOWN.contains(field.name()) || hasOwn) {
                continue;
            }
            write(out, separator);
            if (isRequiredTool(field, body)) {
                write(out, "\"tool_choice\":\"any\"");
            } else if (name.equals(field.name())) {
                out.write(body, field.start(), field.to() - field.start());
            } else {
                write(out, "\"%s\":".formatted(name));
                out.write(body, field.from(), field.to() - field.from());
            }
            separator = ",";
        }
        write(out, separator.equals("{") ? "{}" : "}");
        return RawJson.of(out.toByteArray());
    }

    private static void write(ByteArrayOutputStream out, String ascii) {
        out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    }
}
