package dev.batchwright.input;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The endpoints that a request can be for, and the fields without which each refuses it. One field
 * of every group must be there.
 */
public enum Endpoint {
    CHAT("/v1/chat/completions", List.of(List.of("messages"))),
    RESPONSES(
            "/v1/responses",
            List.of(List.of("input", "prompt", "previous_response_id", "conversation"))),
    MESSAGES("/v1/messages", List.of(List.of("messages"), List.of("max_tokens"))),
    GENERATE_CONTENT("/v1beta/models/{model}:generateContent", List.of(List.of("contents"))),
    EMBED_CONTENT("/v1beta/models/{model}:embedContent", List.of(List.of("content"))),
    EMBEDDINGS("/v1/embeddings", List.of(List.of("input", "messages"))),
    COMPLETIONS("/v1/completions", List.of(List.of("prompt"))),
    MODERATIONS("/v1/moderations", List.of(List.of("input"))),
    SCORE(
            "/v1/score",
            List.of(
                    List.of("text_1", "query", "queries", "data_1"),
                    List.of("text_2", "documents", "items", "data_2"))),
    RERANK("/v1/rerank", List.of(List.of("query"), List.of("documents"))),
    IMAGES("/v1/images/generations", List.of(List.of("prompt"))),
    IMAGE_EDITS("/v1/images/edits", List.of(List.of("prompt"), List.of("image", "images")));

    /** Gemini's, of which the model is a part; short forms are for people. */
    private static final Pattern OF_A_MODEL =
            Pattern.compile(
                    "/?(?:v1(?:alpha|beta)?/)?(?:models/)?(?<model>[^/:]*):?"
                            + "(?<method>generateContent|embedContent)");

    private static final Map<String, Endpoint> BY_PATH =
            Arrays.stream(values())
                    .collect(Collectors.toUnmodifiableMap(Endpoint::path, Function.identity()));

    private final String path;

    @SuppressWarnings("ImmutableEnumChecker") // all of them are made by List.of
    private final List<List<String>> required;

    Endpoint(String path, List<List<String>> required) {
        this.path = path;
        this.required = required;
    }

    public String path() {
        return path;
    }

    List<List<String>> required() {
        return required;
    }

    /** Whether the model is part of the address and not of the body. */
    public boolean modelInPath() {
        return path.contains("{model}");
    }

    /** The endpoint of a path, in which Gemini's may name a model; empty where there is none. */
    public static Optional<Endpoint> find(String path) {
        Endpoint known = BY_PATH.get(path);
        if (known != null) {
            return Optional.of(known);
        }
        Matcher ofAModel = OF_A_MODEL.matcher(path);
        return ofAModel.matches()
                ? Optional.ofNullable(
                        BY_PATH.get("/v1beta/models/{model}:" + ofAModel.group("method")))
                : Optional.empty();
    }

    /** The model that a path names; empty where it names none. */
    public static Optional<String> modelIn(String path) {
        if (BY_PATH.containsKey(path)) {
            return Optional.empty(); // Asked for every line, and each of these names none.
        }
        Matcher ofAModel = OF_A_MODEL.matcher(path);
        return ofAModel.matches()
                ? Optional.of(ofAModel.group("model"))
                        .filter(model -> !model.isEmpty() && !model.equals("{model}"))
                : Optional.empty();
    }

    /** The endpoint that a user named. */
    public static Endpoint parse(String path) {
        return find(path)
                .orElseThrow(
                        () ->
                                new InputException(
                                        "--endpoint `%s` %s".formatted(path, unknown(path))));
    }

    /** What to say of a path that is none of ours, after its name. */
    public static String unknown(String path) {
        if (path.contains("enerateContent") || path.contains("mbedContent")) {
            return "is one of Gemini's endpoints that a job can't call. Write the request for"
                    + " %s or %s.".formatted(GENERATE_CONTENT.path, EMBED_CONTENT.path);
        }
        if (path.startsWith("http://") || path.startsWith("https://")) {
            return "is a whole URL. Name the endpoint alone, as in /v1/chat/completions, and the"
                    + " server with --base-url.";
        }
        List<String> paths = Arrays.stream(values()).map(Endpoint::path).toList();
        String mended = "/v1/" + path.replaceFirst("^/?(v1/)?", "").replaceFirst("/$", "");
        String meant =
                paths.contains(mended)
                        ? " Did you mean `%s`?".formatted(mended)
                        : Suggestion.didYouMean(path, paths);
        return "is not an endpoint that can be called.%s The endpoints: %s."
                .formatted(meant, String.join(", ", paths));
    }
}
