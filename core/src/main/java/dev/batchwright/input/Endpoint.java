package dev.batchwright.input;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The endpoints that a request can be for, and the fields without which each refuses it. One field
 * of every group must be there.
 */
public enum Endpoint {
    CHAT("/v1/chat/completions", List.of(List.of("messages"))),
    RESPONSES(
            "/v1/responses",
            List.of(List.of("input", "prompt", "previous_response_id", "conversation"))),
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

    static Optional<Endpoint> find(String path) {
        return Arrays.stream(values()).filter(each -> each.path.equals(path)).findFirst();
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
    static String unknown(String path) {
        if (path.contains("/messages")) {
            return "is Anthropic's endpoint, for which this version has no provider. Write the"
                    + " request for /v1/chat/completions.";
        }
        if (path.contains("enerateContent") || path.contains("embedContent")) {
            return "is Gemini's endpoint, for which this version has no provider. Write the"
                    + " request for /v1/chat/completions.";
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
