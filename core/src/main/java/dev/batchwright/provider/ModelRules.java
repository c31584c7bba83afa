package dev.batchwright.provider;

import dev.batchwright.config.Suggestion;

import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which provider a model belongs to, where its name leaves no doubt (law 8). Open models, which
 * many serve, have no entry here; and a name that only looks like one of a provider's own is not
 * enough ({@code gpt-oss-120b}, {@code mistral-7b-instruct}).
 */
public final class ModelRules {
    private static final String DATE = "(-\\d{4}(-\\d{2}-\\d{2})?)?";

    private record Rule(Pattern model, String provider) {
        Rule(String regex, String provider) {
            this(Pattern.compile(regex), provider);
        }
    }

    private static final List<Rule> RULES =
            List.of(
                    new Rule("(ft:)?(gpt-\\d[\\w.-]*|babbage-002|davinci-002)(:.*)?", "openai"),
                    new Rule("chatgpt-[\\w.-]+", "openai"),
                    new Rule(
                            "(ft:)?o[134](-(mini|preview|pro|deep-research|mini-deep-research))?"
                                    + DATE
                                    + "(:.*)?",
                            "openai"),
                    new Rule("text-embedding-(3-(small|large)|ada-002)", "openai"),
                    new Rule("(omni|text)-moderation-[\\w-]+", "openai"),
                    new Rule("dall-e-[23]|gpt-image-[\\w.-]+", "openai"),
                    new Rule(
                            """
                            (mistral-(tiny|small|medium|large|saba|embed|moderation|ocr)\
                            |ministral-\\d+b|codestral(-embed|-mamba)?|magistral-(small|medium)\
                            |pixtral-(12b|large)|devstral(-small|-medium)?|voxtral-(mini|small))\
                            (-latest|-\\d{4})\
                            |mistral-embed\
                            """,
                            "mistral"),
                    new Rule("grok-[\\w.-]+", "xai"),
                    new Rule("deepseek-(chat|reasoner)", "deepseek"),
                    new Rule("claude-[\\w.-]+", "anthropic"),
                    new Rule("((google|models)/)?gemini-[\\w.-]+", "gemini"),
                    new Rule("echo(-[\\w.-]+)?", "echo"));

    private final SortedSet<String> providers;

    public ModelRules(SortedSet<String> providers) {
        this.providers = new TreeSet<>(providers);
    }

    /**
     * @param provider the user's choice, which is followed whatever the model is called; {@code
     *     compatible} where they gave a base URL alone
     */
    public Route route(String model, Optional<String> provider) {
        if (provider.isPresent()) {
            return providers.contains(provider.get())
                    ? new Route.To(provider.get(), model)
                    : new Route.Unknown(unknownProvider(provider.get()));
        }
        if (model.isBlank()) {
            return new Route.Unknown(
                    "The request names no model, so no provider can be told from it. Name the model with -m, or choose a provider with -p (%s)."
                            .formatted(choices()));
        }
        return byModel(model);
    }

    private Route byModel(String model) {
        int slash = model.indexOf('/');
        String prefix = slash < 0 ? "" : model.substring(0, slash);
        if (providers.contains(prefix) && !model.startsWith("openai/gpt-oss")) {
            return new Route.To(prefix, model.substring(slash + 1));
        }
        for (Rule rule : RULES) {
            if (rule.model().matcher(model).matches()) {
                return new Route.To(rule.provider(), withoutOwner(model));
            }
        }
        return new Route.Unknown(
                "Which provider serves the model `%s` is not certain from its name. Choose one with -p (%s), write it before the model (groq/%s), or give --base-url for a server of your own."
                        .formatted(model, choices(), model));
    }

    /** Gemini's own models also go by {@code google/} and {@code models/}. */
    private static String withoutOwner(String model) {
        return model.replaceFirst("^(google|models)/(?=gemini-)", "");
    }

    String unknownProvider(String name) {
        String meant =
                Suggestion.forWord(name, providers)
                        .map(" Did you mean `%s`?"::formatted)
                        .orElse("");
        return "There is no provider `%s`.%s Choose one of %s, or describe it under `providers` in batchwright.yaml."
                .formatted(name, meant, choices());
    }

    private String choices() {
        return String.join(", ", providers);
    }
}
