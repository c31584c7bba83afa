package dev.batchwright.provider.fireworks;

import dev.batchwright.provider.openai.BatchCalls;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something of an account, by the name that Fireworks gives it: {@code
 * accounts/acme/datasets/run-1}.
 *
 * @param kind {@code datasets} or {@code batchInferenceJobs}
 */
record Resource(String account, String kind, String id) {
    static final String DATASETS = "datasets";
    static final String JOBS = "batchInferenceJobs";

    private static final Pattern NAME = Pattern.compile("accounts/([^/]+)/([A-Za-z]+)/([^/]+)");

    static Optional<Resource> parse(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches()
                ? Optional.of(new Resource(parts.group(1), parts.group(2), parts.group(3)))
                : Optional.empty();
    }

    /** Another one of the same account. */
    Resource beside(String otherKind, String otherId) {
        return new Resource(account, otherKind, otherId);
    }

    /** Where things of its kind are made. */
    String collection() {
        return "/v1/accounts/%s/%s".formatted(BatchCalls.segment(account), kind);
    }

    String path() {
        return collection() + "/" + BatchCalls.segment(id);
    }

    /** The name. */
    @Override
    public String toString() {
        return "accounts/%s/%s/%s".formatted(account, kind, id);
    }
}
