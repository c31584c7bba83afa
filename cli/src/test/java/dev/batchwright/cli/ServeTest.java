package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server as a user runs it: a process of its own, and signals. */
@Timeout(120)
class ServeTest {
    private static final Pattern URL = Pattern.compile("\"url\":\"([^\"]+)\"");
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String FIRST = "first-key-0123456789";
    private static final String SECOND = "second-key-0123456789";

    @TempDir Path directory;

    @Test
    void it_says_where_it_is_reads_its_keys_again_on_hup_and_stops_politely_on_term()
            throws Exception {
        configure("FIRST_KEY");
        Process server = start();
        try (BufferedReader events = server.inputReader()) {
            URI origin = origin(events.readLine());
            assertThat(models(origin, FIRST)).isEqualTo(200);
            assertThat(models(origin, SECOND)).isEqualTo(401);

            configure("SECOND_KEY");
            signal(server, "HUP");
            assertThat(until(events, "configuration_reloaded")).isNotEmpty();
            assertThat(models(origin, SECOND)).isEqualTo(200);
            assertThat(models(origin, FIRST)).isEqualTo(401);

            signal(server, "TERM");
            assertThat(until(events, "server_stopped"))
                    .anyMatch(line -> line.contains("\"event\":\"server_draining\""));
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).isEqualTo(143);
        } finally {
            server.destroyForcibly();
        }
        List<String> said = Files.readAllLines(directory.resolve("err"));
        assertThat(said.getFirst()).startsWith("Serving on http://127.0.0.1:");
        assertThat(said.getLast())
                .isEqualTo("Stopped; nothing is lost. The same command again goes on.");
        assertThat(said)
                .anyMatch(
                        line ->
                                line.contains("\"owner\":\"nobody\"")
                                        && line.contains("\"status\":401"))
                .noneMatch(line -> line.contains(FIRST) || line.contains(SECOND));
    }

    private void configure(String variable) throws IOException {
        Files.writeString(
                directory.resolve("batchwright.yaml"),
                "serve: {keys: {team: {env: %s}}}".formatted(variable));
    }

    private Process start() throws IOException {
        var command =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Duser.home=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.batchwright.cli.Main",
                        "serve",
                        "-p",
                        "echo",
                        "--port",
                        "0");
        command.directory(directory.toFile());
        command.environment().put("FIRST_KEY", FIRST);
        command.environment().put("SECOND_KEY", SECOND);
        return command.redirectError(directory.resolve("err").toFile()).start();
    }

    private static URI origin(String started) {
        Matcher url = URL.matcher(started);
        assertThat(url.find()).as(started).isTrue();
        return URI.create(url.group(1));
    }

    private static int models(URI origin, String key) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(origin.resolve("/v1/models"))
                                .header("Authorization", "Bearer " + key)
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static void signal(Process server, String name)
            throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).start().waitFor();
    }

    /** The events up to one, which must come. */
    private static List<String> until(BufferedReader events, String name) throws IOException {
        var lines = new ArrayList<String>();
        String line;
        do {
            line = events.readLine();
            assertThat(line).as("no event " + name + " after " + lines).isNotNull();
            lines.add(line);
        } while (!line.contains("\"event\":\"%s\"".formatted(name)));
        return lines;
    }
}
