package dev.batchwright.provider.openai;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Parameters that a model is known to refuse, told before anything is paid. Only what is certain:
 * OpenAI's reasoning models take {@code max_completion_tokens} and not {@code max_tokens}; those
 * that always reason (o-series, gpt-5 and its mini and nano) take sampling parameters only at their
 * defaults. From gpt-5.1 on that depends on the reasoning effort, and {@code -chat} variants do not
 * reason: they get no warning that could be wrong.
 */
public final class ModelConstraints {
    private static final ModelConstraints NONE = new ModelConstraints("", Map.of());

    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";
    private static final Pattern ALWAYS_REASONS =
            Pattern.compile("(o[134](-.*)?|gpt-5(-mini|-nano|-pro)?(-\\d{4}-\\d{2}-\\d{2})?)");
    private static final Pattern REASONS = Pattern.compile("(o[134]|gpt-5)([.-](?!chat).*)?");
    private static final Pattern CHAT_VARIANT = Pattern.compile(".*-chat(-.*)?");
    private static final Pattern NO_STOP = Pattern.compile("(o3|o4-mini)(-.*)?");

    private static final String LEAVE_OUT = "leave it out";

    private static final Map<String, Refusal> MAX_TOKENS =
            Map.of("max_tokens", new Refusal("", "use `max_completion_tokens`"));
    private static final Map<String, Refusal> SAMPLING =
            Map.of(
                    "temperature", new Refusal("1", LEAVE_OUT),
                    "top_p", new Refusal("1", LEAVE_OUT));
    private static final Map<String, Refusal> CHAT_SAMPLING =
            Map.of(
                    "presence_penalty", new Refusal("0", LEAVE_OUT),
                    "frequency_penalty", new Refusal("0", LEAVE_OUT),
                    "logprobs", new Refusal("false", LEAVE_OUT),
                    "top_logprobs", new Refusal("0", LEAVE_OUT),
                    "logit_bias", new Refusal("", LEAVE_OUT));
    private static final Map<String, Refusal> STOP = Map.of("stop", new Refusal("", LEAVE_OUT));

    /**
     * @param unless the one value that is taken; empty for none
     */
    private record Refusal(String unless, String remedy) {
        boolean takes(String value) {
            return value.equals("null")
                    || (!unless.isEmpty()
                            && (value.equals(unless) || value.matches(unless + "\\.0+")));
        }
    }

    private final String model;
    private final Map<String, Refusal> refusals;

    private ModelConstraints(String model, Map<String, Refusal> refusals) {
        this.model = model;
        this.refusals = refusals;
    }

    /**
     * What is known of a model of OpenAI's at an endpoint; keep it for the items that share both.
     */
    public static ModelConstraints of(String model, String endpoint) {
        boolean chat = endpoint.equals(CHAT);
        if ((!chat && !endpoint.equals(RESPONSES))
                || !REASONS.matcher(model).matches()
                || CHAT_VARIANT.matcher(model).matches()) {
            return NONE;
        }
        var refusals = new HashMap<String, Refusal>();
        if (chat) {
            refusals.putAll(MAX_TOKENS);
        }
        if (ALWAYS_REASONS.matcher(model).matches()) {
            refusals.putAll(SAMPLING);
            refusals.putAll(chat ? CHAT_SAMPLING : Map.of());
        }
        if (chat && NO_STOP.matcher(model).matches()) {
            refusals.putAll(STOP);
        }
        return new ModelConstraints(model, Map.copyOf(refusals));
    }

    /** Whether there is nothing to warn of, whatever the request holds. */
    public boolean isEmpty() {
        return refusals.isEmpty();
    }

    /**
     * What is wrong with a field at the top of a request's body.
     *
     * @param value as JSON text; of a table or list the opening bracket is enough
     */
    public Optional<String> warning(String field, String value) {
        Refusal refusal = refusals.get(field);
        if (refusal == null || refusal.takes(value)) {
            return Optional.empty();
        }
        return Optional.of(
                "%s does not take `%s`%s: %s"
                        .formatted(
                                model,
                                field,
                                refusal.unless().isEmpty() ? "" : " other than " + refusal.unless(),
                                refusal.remedy()));
    }
}
