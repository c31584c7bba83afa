package dev.batchwright.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.Environment;
import dev.batchwright.config.ProviderConfig;
import dev.batchwright.http.ScriptedServer;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.AttemptOutcome.Success;

import org.junit.jupiter.api.Test;

import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

class ProvidersTest {
    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final String CHAT = "/v1/chat/completions";
    static final String ANSWER =
            """
            {"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"}}],\
            "usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}}\
            """;

    static Providers providers(Map<String, String> variables) {
        return Providers.open(Map.of(), Environment.of(variables), Clock.systemUTC());
    }

    static Request chat(String provider, String body) {
        return new Request(provider, CHAT, "gpt-5-mini", RawJson.of(body));
    }

    static Optional<JobSpec.Endpoint> at(String baseUrl) {
        return Optional.of(new JobSpec.Endpoint(Optional.of(baseUrl), Optional.empty()));
    }

    static Provider found(Providers.Lookup lookup) {
        assertThat(lookup).isInstanceOf(Providers.Lookup.Found.class);
        return ((Providers.Lookup.Found) lookup).provider();
    }

    static String refused(Providers.Lookup lookup) {
        assertThat(lookup).isInstanceOf(Providers.Lookup.Refused.class);
        return ((Providers.Lookup.Refused) lookup).problem();
    }

    @Test
    void a_body_goes_out_as_it_came_with_the_key_of_its_provider() throws Exception {
        try (var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(
                                                socket,
                                                "200 OK",
                                                ANSWER,
                                                "x-request-id: req_1",
                                                "x-ratelimit-limit-requests: 500"));
                var providers = providers(Map.of("OPENAI_API_KEY", "sk-secret"))) {
            Provider openai = found(providers.find("openai", at(server.origin() + "/v1")));

            var outcome = openai.live().send(chat("openai", "{\"odd\" : 1e0}"), TIMEOUT);

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Success.class,
                            success -> {
                                assertThat(success.reply().requestId()).isEqualTo("req_1");
                                assertThat(success.reply().body()).isEqualTo(RawJson.of(ANSWER));
                                assertThat(success.usage()).isEqualTo(new Usage(9, 4, 2));
                                assertThat(success.limits().requests().perMinute()).hasValue(500);
                            });
            var request = server.received.remove();
            assertThat(request.requestLine()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
            assertThat(request.body()).isEqualTo("{\"odd\" : 1e0}");
            assertThat(request.header("authorization")).isEqualTo("Bearer sk-secret");
            assertThat(request.header("content-type")).isEqualTo("application/json");
            assertThat(request.header("user-agent")).matches("batchwright/\\d+\\.\\d+\\.\\d+.*");
        }
    }

    @Test
    void a_compatible_server_gets_no_key_unless_one_is_named() throws Exception {
        try (var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(socket, "200 OK", ANSWER));
                var providers =
                        providers(Map.of("OPENAI_API_KEY", "sk-secret", "MINE", "my-key"))) {
            found(providers.find("compatible", at(server.origin())))
                    .live()
                    .send(chat("compatible", "{}"), TIMEOUT);
            var named = new JobSpec.Endpoint(Optional.of(server.origin()), Optional.of("MINE"));
            found(providers.find("compatible", Optional.of(named)))
                    .live()
                    .send(chat("compatible", "{}"), TIMEOUT);

            assertThat(server.received.remove().header("authorization")).isEmpty();
            assertThat(server.received.remove().header("authorization")).isEqualTo("Bearer my-key");
        }
    }

    @Test
    void azure_takes_its_own_header_and_adds_the_path_that_its_endpoint_leaves_out()
            throws Exception {
        try (var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(socket, "200 OK", ANSWER));
                var providers =
                        providers(
                                Map.of(
                                        "AZURE_OPENAI_API_KEY",
                                        "az-key",
                                        "AZURE_OPENAI_ENDPOINT",
                                        server.origin() + "/"))) {
            found(providers.find("azure", Optional.empty()))
                    .live()
                    .send(chat("azure", "{}"), TIMEOUT);

            var request = server.received.remove();
            assertThat(request.requestLine())
                    .isEqualTo("POST /openai/v1/chat/completions HTTP/1.1");
            assertThat(request.header("api-key")).isEqualTo("az-key");
            assertThat(request.header("authorization")).isEmpty();
        }
    }

    @Test
    void a_missing_key_names_its_variable_before_anything_is_sent() {
        try (var providers =
                providers(Map.of("OPENAI_API_KEY", "sk-secret", "GROQ_API_KEY", " "))) {
            assertThat(refused(providers.find("groq", Optional.empty())))
                    .contains("GROQ_API_KEY is not set")
                    .contains("Nothing was sent");
            var endpoint = new JobSpec.Endpoint(Optional.empty(), Optional.of("OTHER"));
            assertThat(refused(providers.find("openai", Optional.of(endpoint))))
                    .contains("OTHER is not set");
        }
    }

    @Test
    void a_key_that_can_not_be_one_is_not_shown() {
        try (var providers = providers(Map.of("OPENAI_API_KEY", "sk-sec\nret"))) {
            assertThat(refused(providers.find("openai", Optional.empty())))
                    .contains("OPENAI_API_KEY does not hold a key")
                    .doesNotContain("sk-sec");
        }
    }

    @Test
    void gemini_takes_either_of_its_variables_and_its_own_header() throws Exception {
        try (var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(
                                                socket, "200 OK", "{\"candidates\":[]}"));
                var providers =
                        providers(
                                Map.of(
                                        "GOOGLE_API_KEY",
                                        "AIza-2",
                                        "GOOGLE_GEMINI_BASE_URL",
                                        server.origin()));
                var none = providers(Map.of("OPENAI_API_KEY", "sk-secret"))) {
            var request =
                    new Request(
                            "gemini",
                            "/v1beta/models/{model}:generateContent",
                            "gemini-2.5-flash",
                            RawJson.of("{\"contents\":[]}"));
            assertThat(
                            found(providers.find("gemini", Optional.empty()))
                                    .live()
                                    .send(request, TIMEOUT))
                    .isInstanceOf(Success.class);

            var received = server.received.remove();
            assertThat(received.requestLine())
                    .isEqualTo("POST /v1beta/models/gemini-2.5-flash:generateContent HTTP/1.1");
            assertThat(received.header("x-goog-api-key")).isEqualTo("AIza-2");
            assertThat(refused(none.find("gemini", Optional.empty())))
                    .contains("GEMINI_API_KEY is not set");
        }
    }

    @Test
    void what_can_not_be_reached_says_what_to_give() {
        try (var providers =
                providers(
                        Map.of(
                                "AZURE_OPENAI_API_KEY",
                                "k",
                                "OPENAI_API_KEY",
                                "k",
                                "OPENAI_BASE_URL",
                                "api.example.com"))) {
            assertThat(refused(providers.find("azure", Optional.empty())))
                    .contains("--base-url")
                    .contains("AZURE_OPENAI_ENDPOINT");
            assertThat(refused(providers.find("openai", Optional.empty())))
                    .contains("OPENAI_BASE_URL")
                    .contains("is not the address of a server");
            assertThat(refused(providers.find("opnai", Optional.empty())))
                    .contains("no provider `opnai`")
                    .contains("openai, openrouter");
        }
    }

    @Test
    void a_proxy_variable_that_is_none_is_told_without_its_password() {
        try (var providers =
                providers(
                        Map.of("OPENAI_API_KEY", "k", "HTTPS_PROXY", "socks5://me:secret@host"))) {
            assertThat(refused(providers.find("openai", Optional.empty())))
                    .contains("HTTPS_PROXY does not hold the address of an HTTP proxy")
                    .doesNotContain("secret");
        }
    }

    @Test
    void anthropic_takes_its_own_headers_and_a_base_url_without_a_version() throws Exception {
        String answer = "{\"type\":\"message\",\"content\":[],\"usage\":{\"input_tokens\":3}}";
        try (var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(
                                                socket,
                                                "200 OK",
                                                answer,
                                                "request-id: req_1",
                                                "anthropic-ratelimit-requests-limit: 50"));
                var providers =
                        Providers.open(
                                Map.of("anthropic", withHeader("anthropic-beta", "a,b")),
                                Environment.of(
                                        Map.of(
                                                "ANTHROPIC_API_KEY",
                                                "sk-ant",
                                                "ANTHROPIC_BASE_URL",
                                                server.origin() + "/gate/")),
                                Clock.systemUTC())) {
            Provider anthropic = found(providers.find("anthropic", Optional.empty()));
            var body = RawJson.of("{\"odd\" : 1e0}");

            var outcome =
                    anthropic
                            .live()
                            .send(
                                    new Request(
                                            "anthropic", "/v1/messages", "claude-haiku-4-5", body),
                                    TIMEOUT);
            found(providers.find("anthropic", at(server.origin() + "/v1")))
                    .live()
                    .send(
                            chat(
                                    "anthropic",
                                    "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"),
                            TIMEOUT);

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Success.class,
                            success -> {
                                assertThat(success.reply().requestId()).isEqualTo("req_1");
                                assertThat(success.reply().body()).isEqualTo(RawJson.of(answer));
                                assertThat(success.limits().requests().perMinute()).hasValue(50);
                            });
            var request = server.received.remove();
            assertThat(request.requestLine()).isEqualTo("POST /gate/v1/messages HTTP/1.1");
            assertThat(request.body()).isEqualTo(body.toString());
            assertThat(request.header("x-api-key")).isEqualTo("sk-ant");
            assertThat(request.header("authorization")).isEmpty();
            assertThat(request.header("anthropic-version")).isEqualTo("2023-06-01");
            assertThat(request.header("anthropic-beta")).isEqualTo("a,b");
            assertThat(request.header("content-type")).isEqualTo("application/json");
            var translated = server.received.remove();
            assertThat(translated.requestLine()).isEqualTo("POST /v1/messages HTTP/1.1");
            assertThat(translated.body()).contains("\"max_tokens\":4096");
        }
    }

    private static ProviderConfig withHeader(String name, String value) {
        ProviderConfig none = ProviderConfig.NONE;
        return new ProviderConfig(
                false,
                none.baseUrl(),
                none.apiKeyEnv(),
                Map.of(name, value),
                none.pace(),
                none.timeout(),
                none.models(),
                none.batchLag(),
                none.echo());
    }

    @Test
    void what_anthropic_has_no_counterpart_of_is_refused_before_anything_is_sent()
            throws Exception {
        try (var providers = providers(Map.of("ANTHROPIC_API_KEY", "sk-ant"))) {
            Provider anthropic = found(providers.find("anthropic", Optional.empty()));

            Request twice =
                    chat(
                            "anthropic",
                            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"n\":2}");

            assertThat(anthropic.refusal(twice))
                    .hasValueSatisfying(reason -> assertThat(reason).contains("`n`"));
            assertThat(anthropic.live().send(twice, TIMEOUT))
                    .isInstanceOfSatisfying(
                            AttemptOutcome.Rejected.class,
                            rejected ->
                                    assertThat(rejected.error().message())
                                            .contains("nothing was sent"));
            assertThat(
                            anthropic.refusal(
                                    new Request(
                                            "anthropic", "/v1/embeddings", "m", RawJson.of("{}"))))
                    .hasValueSatisfying(reason -> assertThat(reason).contains("/v1/embeddings"));
            assertThat(
                            anthropic.refusal(
                                    new Request(
                                            "anthropic",
                                            "/v1/messages",
                                            "m",
                                            RawJson.of("{\"anything\":1}"))))
                    .isEmpty();
            assertThat(anthropic.account()).contains("anthropic", "ANTHROPIC_API_KEY");
        }
    }

    @Test
    void echo_needs_neither_key_nor_network() throws Exception {
        try (var providers =
                Providers.open(
                        Map.of("echo", ProviderConfig.NONE),
                        Environment.of(Map.of()),
                        Clock.systemUTC())) {
            Provider echo = found(providers.find("echo", Optional.empty()));
            assertThat(echo.live().send(chat("echo", "{\"messages\":[]}"), TIMEOUT))
                    .isInstanceOf(Success.class);
            assertThat(found(providers.find("echo", Optional.empty()))).isSameAs(echo);
        }
    }
}
