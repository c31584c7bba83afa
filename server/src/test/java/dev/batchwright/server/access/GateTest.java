package dev.batchwright.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.config.Environment;
import dev.batchwright.config.ServeConfig;
import dev.batchwright.config.ServeConfig.Secret;
import dev.batchwright.workbench.RefusedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

class GateTest {
    private static final String SECRET = "bw-0123456789abcdef";
    private static final Environment VARIABLES = Environment.of(Map.of("TEAM_KEY", SECRET));

    private static ServeConfig.Key key(String name, Secret secret, String... scopes) {
        return new ServeConfig.Key(
                name,
                secret,
                Set.of(scopes),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty());
    }

    private static Keys keys(ServeConfig.Key... keys) {
        return Keys.of(new ServeConfig(List.of(keys), Map.of()), VARIABLES);
    }

    private static Gate gate() {
        return new Gate(keys(key("team", new Secret.Variable("TEAM_KEY"), "calls")));
    }

    private static Optional<String> basic(String pair) {
        return Optional.of(
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void a_key_is_known_in_every_header_that_clients_send_it_in() {
        Gate gate = gate();
        for (Gate.Admission admission :
                List.of(
                        gate.admit(Optional.of("Bearer " + SECRET), Optional.empty()),
                        gate.admit(Optional.of("bearer  " + SECRET + " "), Optional.empty()),
                        gate.admit(Optional.empty(), Optional.of(SECRET)),
                        gate.admit(basic("anybody:" + SECRET), Optional.empty()),
                        gate.admit(basic(SECRET), Optional.empty()))) {
            assertThat(admission)
                    .isInstanceOfSatisfying(
                            Gate.Admission.In.class,
                            in -> {
                                assertThat(in.caller().owner()).isEqualTo("team");
                                assertThat(in.caller().may(Scope.CALLS)).isTrue();
                                assertThat(in.caller().may(Scope.BATCHES)).isFalse();
                            });
        }
    }

    @Test
    void a_key_is_known_by_its_hash() throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256")
                        .digest("another-secret-key".getBytes(StandardCharsets.UTF_8));
        var gate =
                new Gate(
                        keys(
                                key(
                                        "hashed",
                                        new Secret.Sha256(HexFormat.of().formatHex(hash)),
                                        "admin")));
        assertThat(gate.admit(Optional.of("Bearer another-secret-key"), Optional.empty()))
                .isInstanceOf(Gate.Admission.In.class);
        assertThat(gate.admit(Optional.of("Bearer another-secret-kez"), Optional.empty()))
                .isInstanceOf(Gate.Admission.WrongKey.class);
    }

    @Test
    void no_key_and_a_wrong_key_are_told_apart() {
        Gate gate = gate();
        assertThat(gate.admit(Optional.empty(), Optional.empty()))
                .isInstanceOf(Gate.Admission.NoKey.class);
        assertThat(gate.admit(Optional.of("Bearer "), Optional.of("  ")))
                .isInstanceOf(Gate.Admission.NoKey.class);
        assertThat(gate.admit(Optional.of("Basic %%%"), Optional.empty()))
                .isInstanceOf(Gate.Admission.NoKey.class);
        assertThat(gate.admit(Optional.of("Bearer x"), Optional.empty()))
                .isInstanceOf(Gate.Admission.WrongKey.class);
    }

    @Test
    void where_there_are_no_keys_everybody_is_local_and_may_everything() {
        assertThat(new Gate(keys()).admit(Optional.empty(), Optional.empty()))
                .isEqualTo(new Gate.Admission.In(Caller.LOCAL));
        assertThat(Caller.LOCAL.may(Scope.ADMIN)).isTrue();
        assertThat(Caller.LOCAL.sees("somebody")).isTrue();
    }

    @Test
    void other_keys_count_from_the_moment_they_are_changed() {
        Gate gate = gate();
        gate.change(keys(key("other", new Secret.Sha256("0".repeat(64)), "calls")));
        assertThat(gate.admit(Optional.of("Bearer " + SECRET), Optional.empty()))
                .isInstanceOf(Gate.Admission.WrongKey.class);
    }

    @Test
    void keys_that_cannot_be_used_are_refused_without_showing_them() {
        assertThatThrownBy(() -> keys(key("team", new Secret.Variable("NO_KEY"), "calls")))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "serve.keys.team: the variable NO_KEY, which holds the key, is not set. Set"
                                + " it, or give the key's `sha256`.");
        assertThatThrownBy(
                        () ->
                                Keys.of(
                                        new ServeConfig(
                                                List.of(
                                                        key(
                                                                "team",
                                                                new Secret.Variable("SHORT"),
                                                                "calls")),
                                                Map.of()),
                                        Environment.of(Map.of("SHORT", "tooshort"))))
                .hasMessageContaining("too short for a key")
                .hasMessageNotContaining("tooshort");
        assertThatThrownBy(
                        () ->
                                keys(
                                        key("one", new Secret.Variable("TEAM_KEY"), "calls"),
                                        key("two", new Secret.Variable("TEAM_KEY"), "calls")))
                .hasMessageContaining("serve.keys.one and serve.keys.two are the same key")
                .hasMessageNotContaining(SECRET);
    }

    @ParameterizedTest
    @CsvSource({
        "/health, OPEN",
        "/ready, OPEN",
        "/metrics, ADMIN",
        "/, PAGE",
        "/jobs/x, PAGE",
        "/v1/models, ANY_KEY",
        "/v1/models/org/name, ANY_KEY",
        "/v1/files, BATCHES",
        "/v1/files/f/content, BATCHES",
        "/v1/batches, BATCHES",
        "/v1/messages/batches/b/results, BATCHES",
        "/v1/messages, CALLS",
        "/v1/chat/completions, CALLS",
        "/v1/filesystem, CALLS",
    })
    void a_path_belongs_to_a_place(String path, Place place) {
        assertThat(Place.of(path)).isEqualTo(place);
    }
}
