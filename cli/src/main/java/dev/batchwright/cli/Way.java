package dev.batchwright.cli;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How the requests of one command travel: which provider gets them, where it is, how fast. A base
 * URL without {@code -p} means a server that is compatible with OpenAI's API and gets no key but
 * the one of {@code --api-key-env} (law 8).
 */
final class Way {
    private static final String COMPATIBLE = "compatible";
    private static final int MAX_ATTEMPTS = 5;
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final Workbench workbench;
    private final RunOptions options;
    private final Optional<String> provider;

    Way(Workbench workbench, RunOptions options) {
        this.workbench = workbench;
        this.options = options;
        this.provider =
                Optional.ofNullable(options.provider)
                        .or(() -> Optional.ofNullable(options.baseUrl).map(url -> COMPATIBLE));
        if (provider.isPresent()
                && workbench.providers().modelRules().route("", provider)
                        instanceof Route.Unknown(String problem)) {
            throw CommandFailure.usage("%s", problem);
        }
        if (options.apiKeyEnv != null && provider.isEmpty()) {
            throw CommandFailure.usage(
                    "--api-key-env %s: whose key this is must be certain. Name the provider with"
                            + " -p, or the server with --base-url.",
                    options.apiKeyEnv);
        }
    }

    Router router() {
        ModelRules rules = workbench.providers().modelRules();
        return model ->
                switch (rules.route(model, provider)) {
                    case Route.To(String to, String name) -> new Router.Resolution.Routed(to, name);
                    case Route.Unknown(String problem) -> new Router.Resolution.Refused(problem);
                };
    }

    RequestCheck check() {
        return new WayCheck(new ParameterCheck(), this::provider);
    }

    /** A provider as this command reaches it, if it can be. */
    Optional<Provider> provider(String name) {
        return workbench.provider(name, said());
    }

    private Optional<JobSpec.Endpoint> said() {
        return provider.map(
                name ->
                        new JobSpec.Endpoint(
                                Optional.ofNullable(options.baseUrl),
                                Optional.ofNullable(options.apiKeyEnv)));
    }

    /** What is kept with the job; the input's part comes when it was read. */
    JobSpec spec(String fingerprint, String input) {
        return new JobSpec(
                options.jobName(),
                fingerprint,
                input,
                List.of(),
                Map.of(),
                options.lanes().or(workbench.configuration().defaults()::mode).orElse(Mode.AUTO),
                new JobSpec.LiveSettings(
                        options.concurrency == null
                                ? OptionalInt.empty()
                                : OptionalInt.of(options.concurrency),
                        options.rpm == null ? OptionalLong.empty() : OptionalLong.of(options.rpm),
                        options.tpm == null ? OptionalLong.empty() : OptionalLong.of(options.tpm),
                        Optional.ofNullable(options.maxAttempts)
                                .orElse(
                                        workbench
                                                .configuration()
                                                .defaults()
                                                .maxAttempts()
                                                .orElse(MAX_ATTEMPTS)),
                        Optional.ofNullable(options.timeout)
                                .or(this::providersTimeout)
                                .or(() -> workbench.configuration().defaults().timeout())
                                .orElse(TIMEOUT)),
                new JobSpec.BatchSettings(
                        Optional.ofNullable(options.completionWindow),
                        Optional.ofNullable(options.pollInterval)),
                Optional.ofNullable(options.deadline).map(workbench.clock().instant()::plus),
                Optional.ofNullable(options.maxCost),
                options.metadata);
    }

    private Optional<Duration> providersTimeout() {
        return provider.flatMap(name -> workbench.providers().config(name).timeout());
    }

    /** The user's word about each provider that the items go to. */
    Map<String, JobSpec.Endpoint> endpoints(Collection<String> providers) {
        var nothing = new JobSpec.Endpoint(Optional.empty(), Optional.empty());
        var endpoints = new LinkedHashMap<String, JobSpec.Endpoint>();
        for (String name : providers) {
            endpoints.put(name, said().orElse(nothing));
        }
        return endpoints;
    }
}
