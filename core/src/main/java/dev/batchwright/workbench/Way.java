package dev.batchwright.workbench;

import dev.batchwright.input.RequestCheck;
import dev.batchwright.input.Router;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.provider.ModelRules;
import dev.batchwright.provider.Provider;
import dev.batchwright.provider.Route;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How the requests of one submission travel: which provider gets them, where it is, how fast. A
 * base URL without a provider means a server that is compatible with OpenAI's API and gets no key
 * but the one that was named for it (law 8).
 */
public final class Way {
    /** The provider behind a base URL that stands alone. */
    public static final String COMPATIBLE = "compatible";

    private static final int MAX_ATTEMPTS = 5;
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final Workbench workbench;
    private final Said said;
    private final Optional<String> provider;

    /**
     * The user's word; what is left out follows from the model and the configuration.
     *
     * @param apiKeyEnv the variable that holds the key
     */
    public record Said(
            Optional<String> provider, Optional<String> baseUrl, Optional<String> apiKeyEnv) {}

    /**
     * @throws RefusedException if there is no such provider, or it is not certain whose key was
     *     named
     */
    public Way(Workbench workbench, Said said) {
        this.workbench = workbench;
        this.said = said;
        this.provider = said.provider().or(() -> said.baseUrl().map(url -> COMPATIBLE));
        if (provider.isPresent()
                && workbench.providers().modelRules().route("", provider)
                        instanceof Route.Unknown(String problem)) {
            throw new RefusedException(problem);
        }
        if (said.apiKeyEnv().isPresent() && provider.isEmpty()) {
            throw new RefusedException(
                    "The key variable %s: whose key this is must be certain. Name the provider, or the server by its base URL."
                            .formatted(said.apiKeyEnv().get()));
        }
    }

    public Router router() {
        ModelRules rules = workbench.providers().modelRules();
        return model ->
                switch (rules.route(model, provider)) {
                    case Route.To(String to, String name) -> new Router.Resolution.Routed(to, name);
                    case Route.Unknown(String problem) -> new Router.Resolution.Refused(problem);
                };
    }

    public RequestCheck check() {
        return new WayCheck(new ParameterCheck(), this::provider);
    }

    /** A provider as it is reached on this way, if it can be. */
    public Optional<Provider> provider(String name) {
        return workbench.provider(
                name,
                provider.map(known -> new JobSpec.Endpoint(said.baseUrl(), said.apiKeyEnv())));
    }

    public Mode mode(Optional<Mode> asked) {
        return asked.or(workbench.configuration().defaults()::mode).orElse(Mode.AUTO);
    }

    /** What was said about the live lane, completed by the configuration. */
    public JobSpec.LiveSettings live(
            OptionalInt concurrency,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute,
            OptionalInt maxAttempts,
            Optional<Duration> timeout) {
        return new JobSpec.LiveSettings(
                concurrency,
                requestsPerMinute,
                tokensPerMinute,
                maxAttempts.orElseGet(
                        () ->
                                workbench
                                        .configuration()
                                        .defaults()
                                        .maxAttempts()
                                        .orElse(MAX_ATTEMPTS)),
                timeout.or(this::providersTimeout)
                        .or(() -> workbench.configuration().defaults().timeout())
                        .orElse(TIMEOUT));
    }

    private Optional<Duration> providersTimeout() {
        return provider.flatMap(name -> workbench.providers().config(name).timeout());
    }

    /** The user's word about each provider that the items go to. */
    public Map<String, JobSpec.Endpoint> endpoints(Collection<String> providers) {
        var endpoint =
                provider.isPresent()
                        ? new JobSpec.Endpoint(said.baseUrl(), said.apiKeyEnv())
                        : new JobSpec.Endpoint(Optional.empty(), Optional.empty());
        var endpoints = new LinkedHashMap<String, JobSpec.Endpoint>();
        for (String name : providers) {
            endpoints.put(name, endpoint);
        }
        return endpoints;
    }
}
