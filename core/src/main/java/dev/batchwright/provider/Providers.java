package dev.batchwright.provider;

import dev.batchwright.config.Environment;
import dev.batchwright.config.ProviderConfig;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.Proxies;
import dev.batchwright.job.JobSpec;
import dev.batchwright.provider.anthropic.AnthropicProvider;
import dev.batchwright.provider.echo.EchoProvider;
import dev.batchwright.provider.fireworks.FireworksBatch;
import dev.batchwright.provider.gemini.Addresses;
import dev.batchwright.provider.gemini.GeminiProvider;
import dev.batchwright.provider.mistral.MistralProvider;
import dev.batchwright.provider.openai.OpenAiApi;
import dev.batchwright.provider.openai.OpenAiProvider;
import dev.batchwright.provider.together.TogetherBatch;
import dev.batchwright.provider.xai.XaiBatch;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The providers that this process may use, each opened when it is first asked for. All share one
 * HTTP client, which is opened with the first of them that needs it.
 *
 * <p>How a provider is reached is settled here, for each part the first that says something: the
 * job's own word (command line), the configuration, the variable that the provider's own SDK reads,
 * built-in data. A key comes from the variable that the job or the configuration names, else from
 * the provider's own, and goes to that provider's base URL alone (law 8).
 *
 * <p>Thread-safe; keep what you found rather than asking per item.
 */
public final class Providers implements AutoCloseable {
    private final Map<String, ProviderConfig> configured;
    private final Environment environment;
    private final Clock clock;
    // Guarded by this.
    private final Map<Way, Lookup> opened = new HashMap<>();
    private Optional<HttpClient> http = Optional.empty();

    private record Way(String name, Optional<JobSpec.Endpoint> endpoint) {}

    /** What is built in about where a provider is and which key it takes. */
    private record Access(
            String name,
            Optional<String> baseUrl,
            Optional<String> baseUrlVariable,
            List<String> keyVariables,
            boolean needsKey) {
        static final Access ANTHROPIC =
                new Access(
                        AnthropicProvider.NAME,
                        Optional.of(AnthropicProvider.BASE_URL),
                        Optional.of(AnthropicProvider.BASE_URL_VARIABLE),
                        List.of(AnthropicProvider.KEY_VARIABLE),
                        true);

        static final Access GEMINI =
                new Access(
                        GeminiProvider.NAME,
                        Optional.of(Addresses.DEFAULT),
                        Optional.of(GeminiProvider.BASE_URL_VARIABLE),
                        GeminiProvider.KEY_VARIABLES,
                        true);

        static Access to(OpenAiApi api) {
            return new Access(
                    api.name(),
                    api.baseUrl(),
                    api.baseUrlVariable(),
                    api.keyVariables(),
                    api.needsKey());
        }
    }

    /** A provider, or why there is none; the problem is for the user, and nothing was sent. */
    public sealed interface Lookup {
        record Found(Provider provider) implements Lookup {}

        record Refused(String problem) implements Lookup {}
    }

    private Providers(
            Map<String, ProviderConfig> configured, Environment environment, Clock clock) {
        this.configured = Map.copyOf(configured);
        this.environment = environment;
        this.clock = clock;
    }

    /** Opens nothing yet; close it to close what is opened later. */
    public static Providers open(
            Map<String, ProviderConfig> configured, Environment environment, Clock clock) {
        return new Providers(configured, environment, clock);
    }

    /** The names of the providers that need no configuration to exist. */
    public static SortedSet<String> builtIn() {
        var names = new TreeSet<String>();
        OpenAiApi.ALL.forEach(api -> names.add(api.name()));
        names.add(AnthropicProvider.NAME);
        names.add(GeminiProvider.NAME);
        names.add(EchoProvider.NAME);
        return names;
    }

    /** Which provider a model belongs to, among those that exist here. */
    public ModelRules modelRules() {
        SortedSet<String> names = builtIn();
        names.addAll(configured.keySet());
        return new ModelRules(names);
    }

    /** What is configured for a provider; nothing, if the user did not. */
    public ProviderConfig config(String name) {
        return configured.getOrDefault(name, ProviderConfig.NONE);
    }

    /**
     * Finds a provider by its name, as a job wants it reached. Refused if it does not exist, has no
     * base URL, or needs a key and there is none: nothing was sent then.
     */
    public synchronized Lookup find(String name, Optional<JobSpec.Endpoint> endpoint) {
        var way = new Way(name, endpoint);
        Lookup known = opened.get(way);
        if (known != null) {
            return known;
        }
        Lookup lookup = open(name, endpoint);
        opened.put(way, lookup);
        return lookup;
    }

    private Lookup open(String name, Optional<JobSpec.Endpoint> endpoint) {
        ProviderConfig config = config(name);
        if (name.equals(EchoProvider.NAME)) {
            return new Lookup.Found(new EchoProvider(config.echo()));
        }
        try {
            if (name.equals(AnthropicProvider.NAME)) {
                return new Lookup.Found(anthropic(config, endpoint));
            }
            if (name.equals(GeminiProvider.NAME)) {
                return new Lookup.Found(gemini(config, endpoint));
            }
            Optional<OpenAiApi> api =
                    config.compatible()
                            ? Optional.of(OpenAiApi.custom(name))
                            : OpenAiApi.named(name);
            return api.isEmpty()
                    ? new Lookup.Refused(modelRules().unknownProvider(name))
                    : new Lookup.Found(openAi(api.get(), config, endpoint));
        } catch (IllegalArgumentException problem) {
            return new Lookup.Refused(String.valueOf(problem.getMessage()));
        }
    }

    /** What some of OpenAI's family have of their own. */
    private Provider member(OpenAiProvider family) {
        return switch (family.name()) {
            case "mistral" -> new MistralProvider(family);
            case "fireworks" ->
                    family.with(
                            new FireworksBatch(
                                    family.calls().to(url -> url.ending("/inference/v1", "/v1")),
                                    environment.get(FireworksBatch.ACCOUNT_VARIABLE)));
            case "together" -> family.with(new TogetherBatch(family.calls()));
            case "xai" -> family.with(new XaiBatch(family.calls()));
            default -> family;
        };
    }

    private Provider openAi(
            OpenAiApi api, ProviderConfig config, Optional<JobSpec.Endpoint> endpoint) {
        Access access = Access.to(api);
        BaseUrl baseUrl =
                baseUrl(access, config, endpoint, url -> BaseUrl.parse(url, api.barePath()));
        Optional<Key> key = key(access, config, endpoint);
        var family = new OpenAiProvider(api, baseUrl, key, config.headers(), http(), clock);
        return config.compatible() ? family : member(family);
    }

    private Provider anthropic(ProviderConfig config, Optional<JobSpec.Endpoint> endpoint) {
        BaseUrl baseUrl = baseUrl(Access.ANTHROPIC, config, endpoint, BaseUrl::withoutVersion);
        Key key = key(Access.ANTHROPIC, config, endpoint).orElseThrow();
        return new AnthropicProvider(
                baseUrl, key.variable(), key.secret(), config.headers(), http(), clock);
    }

    private Provider gemini(ProviderConfig config, Optional<JobSpec.Endpoint> endpoint) {
        Addresses addresses = baseUrl(Access.GEMINI, config, endpoint, Addresses::parse);
        Key key = key(Access.GEMINI, config, endpoint).orElseThrow();
        return new GeminiProvider(
                addresses, key.variable(), key.secret(), config.headers(), http(), clock);
    }

    private <T> T baseUrl(
            Access api,
            ProviderConfig config,
            Optional<JobSpec.Endpoint> endpoint,
            Function<String, T> parser) {
        record Said(String where, String url) {}
        Said said =
                endpoint.flatMap(JobSpec.Endpoint::baseUrl)
                        .map(url -> new Said("--base-url", url))
                        .or(
                                () ->
                                        config.baseUrl()
                                                .map(
                                                        url ->
                                                                new Said(
                                                                        "providers.%s.base_url"
                                                                                .formatted(
                                                                                        api.name()),
                                                                        url)))
                        .or(
                                () ->
                                        api.baseUrlVariable()
                                                .flatMap(
                                                        variable ->
                                                                environment
                                                                        .get(variable)
                                                                        .map(
                                                                                url ->
                                                                                        new Said(
                                                                                                variable,
                                                                                                url))))
                        .or(() -> api.baseUrl().map(url -> new Said("built in", url)))
                        .orElseThrow(() -> new IllegalArgumentException(noBaseUrl(api)));
        try {
            return parser.apply(said.url());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The base URL of %s (%s) %s."
                            .formatted(api.name(), said.where(), e.getMessage()),
                    e);
        }
    }

    private static String noBaseUrl(Access api) {
        return "Where %s is reached is not known. Give it with --base-url, as providers.%s.base_url in batchwright.yaml%s."
                .formatted(
                        api.name(),
                        api.name(),
                        api.baseUrlVariable().map(", or in the variable %s"::formatted).orElse(""));
    }

    private Optional<Key> key(
            Access api, ProviderConfig config, Optional<JobSpec.Endpoint> endpoint) {
        Optional<String> named =
                endpoint.flatMap(JobSpec.Endpoint::apiKeyEnv).or(config::apiKeyEnv);
        if (named.isPresent()) {
            String variable = named.get();
            return Optional.of(
                    environment
                            .get(variable)
                            .map(secret -> checked(variable, secret))
                            .orElseThrow(() -> new IllegalArgumentException(noKey(api, variable))));
        }
        for (String variable : api.keyVariables()) {
            Optional<String> secret = environment.get(variable);
            if (secret.isPresent()) {
                return Optional.of(checked(variable, secret.get()));
            }
        }
        if (api.needsKey()) {
            throw new IllegalArgumentException(noKey(api, api.keyVariables().getFirst()));
        }
        return Optional.empty();
    }

    private static Key checked(String variable, String secret) {
        String stripped = secret.strip();
        if (!stripped.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException(
                    "The variable %s does not hold a key: there are blanks or characters in it that no key has. Set it again, to the key alone."
                            .formatted(variable));
        }
        return new Key(variable, stripped);
    }

    private static String noKey(Access api, String variable) {
        return "No key for %s: the variable %s is not set. Set it (export %s=...), or write %s=... into a file .env in this directory. Nothing was sent."
                .formatted(api.name(), variable, variable, variable);
    }

    private HttpClient http() {
        HttpClient client = http.orElseGet(() -> new HttpClient(Proxies.of(environment)));
        http = Optional.of(client);
        return client;
    }

    @Override
    public synchronized void close() {
        for (Lookup lookup : opened.values()) {
            if (lookup instanceof Lookup.Found(var provider)) {
                provider.close();
            }
        }
        opened.clear();
        http.ifPresent(HttpClient::close);
        http = Optional.empty();
    }
}
