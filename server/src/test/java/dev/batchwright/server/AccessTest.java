package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Way;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is let in, over HTTP. */
class AccessTest {
    private static final String TEAM = "bw-team-0123456789";
    private static final String OTHER = "bw-other-0123456789";
    private static final String ADMIN = "bw-admin-0123456789";
    private static final Map<String, String> VARIABLES =
            Map.of("TEAM_KEY", TEAM, "OTHER_KEY", OTHER, "ADMIN_KEY", ADMIN);

    private static final String KEYS =
            """
            serve:
              keys:
                team: {env: TEAM_KEY, scopes: [calls], rpm: 2}
                other: {env: OTHER_KEY, scopes: [batches]}
                boss: {env: ADMIN_KEY, scopes: [admin]}
            """;

    /** Tells who called. */
    private static final Routes WHO =
            router -> {
                router.post("/v1/chat/completions").handler(Exchange.plain(AccessTest::owner));
                router.post("/v1/messages").handler(Exchange.plain(AccessTest::owner));
                router.get("/v1/files").handler(Exchange.plain(AccessTest::owner));
            };

    private static final Routes READ =
            router ->
                    router.post("/v1/chat/completions")
                            .handler(
                                    Exchange.withBody(
                                            10_000,
                                            (exchange, body) ->
                                                    Reply.text(
                                                            200, Integer.toString(body.length))));

    @TempDir Path directory;

    private static Reply owner(Exchange exchange) {
        return Reply.text(200, exchange.caller().owner());
    }

    private Served served() throws InterruptedException {
        return new Served(directory, VARIABLES, KEYS, options -> options, context -> List.of(WHO));
    }

    @Test
    void a_key_opens_what_its_scopes_name() throws Exception {
        try (Served served = served()) {
            var call = served.post("/v1/chat/completions", "{}", "Authorization", "Bearer " + TEAM);
            assertThat(call.statusCode()).isEqualTo(200);
            assertThat(call.body()).isEqualTo("team");
            assertThat(served.post("/v1/messages", "{}", "x-api-key", TEAM).body())
                    .isEqualTo("team");
            assertThat(served.get("/v1/files", "Authorization", "Bearer " + OTHER).body())
                    .isEqualTo("other");
            assertThat(served.get("/metrics", "Authorization", "Bearer " + ADMIN).statusCode())
                    .isEqualTo(200);

            var refused = served.get("/v1/files", "Authorization", "Bearer " + TEAM);
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("has no scope `batches`");
            assertThat(served.get("/metrics", "Authorization", "Bearer " + TEAM).statusCode())
                    .isEqualTo(403);
        }
    }

    /** The status of the answer to a path that is sent as it is. */
    private static int asked(Served served, String path, String authorization) throws IOException {
        String answer =
                served.raw(
                        "GET %s HTTP/1.1".formatted(path),
                        "Host: localhost",
                        "Authorization: " + authorization,
                        "Connection: close",
                        "",
                        "");
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

    @Test
    void no_spelling_of_a_path_opens_it() throws Exception {
        try (Served served = served()) {
            for (String path :
                    List.of(
                            "/metrics/",
                            "//metrics",
                            "/./metrics",
                            "/x/../metrics",
                            "/%6Detrics")) {
                assertThat(asked(served, path, "")).as(path).isIn(401, 404);
                assertThat(asked(served, path, "Bearer " + TEAM)).as(path).isIn(403, 404);
            }
            assertThat(asked(served, "/v1/models/", "")).isEqualTo(401);
            assertThat(asked(served, "/metrics/", "Bearer " + ADMIN)).isEqualTo(200);
        }
    }

    @Test
    void who_has_no_key_or_a_wrong_one_is_refused_as_the_provider_does() throws Exception {
        try (Served served = served()) {
            var none = served.post("/v1/chat/completions", "{}");
            assertThat(none.statusCode()).isEqualTo(401);
            assertThat(none.body())
                    .contains("You didn't provide an API key", "\"code\":\"missing_api_key\"");
            assertThat(none.headers().firstValue("www-authenticate"))
                    .hasValue("Bearer realm=\"Batchwright\"");
            var wrong = served.post("/v1/messages", "{}", "x-api-key", "sk-somebody-elses-key");
            assertThat(wrong.statusCode()).isEqualTo(401);
            assertThat(wrong.body())
                    .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\"")
                    .doesNotContain("somebody");
            assertThat(served.get("/metrics").headers().firstValue("www-authenticate"))
                    .hasValue("Basic realm=\"Batchwright\"");
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_key_that_is_too_fast_is_told_when_to_come_again() throws Exception {
        try (Served served = served()) {
            String[] key = {"Authorization", "Bearer " + TEAM};
            var first = served.post("/v1/chat/completions", "{}", key);
            assertThat(first.headers().firstValue("x-ratelimit-limit-requests")).hasValue("2");
            assertThat(first.headers().firstValue("x-ratelimit-remaining-requests")).hasValue("1");
            served.post("/v1/chat/completions", "{}", key);
            var third = served.post("/v1/chat/completions", "{}", key);
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.body()).contains("\"type\":\"rate_limit_error\"", "the limit is 2");
            long seconds = Long.parseLong(third.headers().firstValue("retry-after").orElseThrow());
            assertThat(seconds).isBetween(1L, 30L);
            assertThat(served.get("/v1/models", key).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_body_whose_length_was_not_said_costs_its_tokens_too() throws Exception {
        try (var served =
                new Served(
                        directory,
                        VARIABLES,
                        KEYS.replace("rpm: 2", "tpm: 1000"),
                        options -> options,
                        context -> List.of(READ))) {
            String[] key = {"Authorization", "Bearer " + TEAM};
            var unsaid =
                    HttpRequest.BodyPublishers.fromPublisher(
                            HttpRequest.BodyPublishers.ofString("x".repeat(8_000)));
            assertThat(served.send(served.request("/v1/chat/completions", key).POST(unsaid)).body())
                    .isEqualTo("8000");
            assertThat(served.post("/v1/chat/completions", "{}", key).statusCode()).isEqualTo(429);
        }
    }

    @Test
    void what_is_too_large_to_be_taken_costs_a_key_no_tokens() throws Exception {
        try (var served =
                new Served(
                        directory,
                        VARIABLES,
                        KEYS.replace("rpm: 2", "tpm: 1000"),
                        options -> options,
                        context -> List.of(WHO))) {
            String huge =
                    served.raw(
                            "POST /v1/chat/completions HTTP/1.1",
                            "Host: localhost",
                            "Authorization: Bearer " + TEAM,
                            "Content-Length: 999999999999",
                            "Connection: close",
                            "",
                            "");
            assertThat(huge).contains("x-ratelimit-remaining-tokens: 1000");
            var call = served.post("/v1/chat/completions", "{}", "Authorization", "Bearer " + TEAM);
            assertThat(call.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_page_of_another_site_may_not_send_with_its_visitors_rights() throws Exception {
        try (var served = new Served(directory, WHO, options -> options)) {
            var foreign = served.post("/v1/chat/completions", "{}", "Sec-Fetch-Site", "cross-site");
            assertThat(foreign.statusCode()).isEqualTo(403);
            assertThat(served.post("/v1/chat/completions", "{}").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void without_keys_it_is_there_under_names_of_this_machine_alone() throws Exception {
        try (var served = new Served(directory, WHO, options -> options)) {
            for (String name : List.of("evil.example", "127.0.0.1.evil.example", "10.0.0.1", "")) {
                assertThat(filesAskedOf(served, name)).as(name).startsWith("HTTP/1.1 421");
            }
            for (String name : List.of("LocalHost:8080", "tools.localhost", "127.0.0.1", "[::1]")) {
                assertThat(filesAskedOf(served, name)).as(name).startsWith("HTTP/1.1 200");
            }
        }
        try (var served =
                new Served(
                        directory, VARIABLES, KEYS, options -> options, context -> List.of(WHO))) {
            assertThat(filesAskedOf(served, "batches.example")).doesNotStartWith("HTTP/1.1 421");
        }
    }

    private static String filesAskedOf(Served served, String host) throws IOException {
        return served.raw(
                "GET /v1/files HTTP/1.1",
                "Host: " + host,
                "Authorization: Bearer " + TEAM,
                "Connection: close",
                "",
                "");
    }

    @Test
    void without_keys_it_listens_on_the_loopback_address_alone() {
        assertThatThrownBy(
                        () ->
                                new Served(
                                        directory,
                                        Map.of(),
                                        "",
                                        options ->
                                                options.at(new ServerOptions.Listen("0.0.0.0", 0)),
                                        context -> List.of()))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("Serving on 0.0.0.0 without keys would let everybody");
    }

    @Test
    void keys_are_taken_over_when_they_change_and_a_bad_configuration_changes_nothing()
            throws Exception {
        try (Served served = served()) {
            String[] key = {"Authorization", "Bearer " + TEAM};
            served.configure("serve: {keys: {team: {env: NO_SUCH_VARIABLE}}}");
            assertThat(served.server.reload()).isFalse();
            served.configure("serve: {keyz: {}}");
            assertThat(served.server.reload()).isFalse();
            assertThat(served.post("/v1/chat/completions", "{}", key).statusCode()).isEqualTo(200);
            assertThat(served.events())
                    .contains("\"event\":\"configuration_refused\"", "did you mean `keys`?");

            served.configure("serve: {keys: {renamed: {env: OTHER_KEY}}}");
            assertThat(served.server.reload()).isTrue();
            assertThat(served.post("/v1/chat/completions", "{}", key).statusCode()).isEqualTo(401);
            assertThat(
                            served.post(
                                            "/v1/chat/completions",
                                            "{}",
                                            "Authorization",
                                            "Bearer " + OTHER)
                                    .body())
                    .isEqualTo("renamed");
            assertThat(served.events()).contains("\"event\":\"configuration_reloaded\"");
        }
    }

    @Test
    void a_budget_is_a_cap_on_all_that_is_done_with_its_key() throws Exception {
        String configuration =
                """
                serve:
                  keys:
                    team: {env: TEAM_KEY, scopes: [calls, batches], budget: 0.01, budget_per: month}
                    boss: {env: ADMIN_KEY, scopes: [admin]}
                prices: {echo: {echo: {input: 1, output: 1}}}
                """;
        try (var served =
                new Served(
                        directory,
                        VARIABLES,
                        configuration,
                        options ->
                                options.before(
                                        new Way.Said(
                                                Optional.of("echo"),
                                                Optional.empty(),
                                                Optional.empty())),
                        context -> List.of())) {
            String[] team = {"Authorization", "Bearer " + TEAM};
            String[] boss = {"Authorization", "Bearer " + ADMIN};
            String chat =
                    "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}],\"max_tokens\":%d}";
            assertThat(
                            served.post(
                                            "/v1/chat/completions",
                                            chat.formatted("echo", "small", 100),
                                            team)
                                    .statusCode())
                    .isEqualTo(200);
            var beyond =
                    served.post(
                            "/v1/chat/completions", chat.formatted("echo", "large", 20_000), team);
            assertThat(beyond.statusCode()).isEqualTo(429);
            assertThat(beyond.body()).contains("\"type\":\"insufficient_quota\"");
            assertThat(beyond.headers().firstValue("x-should-retry")).hasValue("false");
            assertThat(
                            served.post(
                                            "/v1/chat/completions",
                                            chat.formatted("other", "unpriced", 1),
                                            team)
                                    .body())
                    .contains("unknown_price");
            assertThat(
                            served.post(
                                            "/v1/chat/completions",
                                            chat.formatted("echo", "large", 20_000),
                                            boss)
                                    .statusCode())
                    .isEqualTo(200);

            served.configure(configuration.replace("0.01", "0.00"));
            assertThat(served.server.reload()).isTrue();
            var exhausted =
                    served.post("/v1/chat/completions", chat.formatted("echo", "new", 1), team);
            assertThat(exhausted.body()).contains("You exceeded your current quota");
            // What was paid for is still given.
            assertThat(
                            served.post(
                                            "/v1/chat/completions",
                                            chat.formatted("echo", "small", 100),
                                            team)
                                    .statusCode())
                    .isEqualTo(200);
            assertThat(served.get("/", boss).body())
                    .contains("Budgets", "$0.00 a month", "Limits of live calls");
        }
    }
}
