package dev.batchwright.simulator;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A plain HTTP client for one simulator. */
public final class Client implements AutoCloseable {
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
    private final Simulator simulator;

    public Client(Simulator simulator) {
        this.simulator = simulator;
    }

    /** An answer. */
    public record Got(HttpResponse<String> response) {
        public int status() {
            return response.statusCode();
        }

        public String body() {
            return response.body();
        }

        public JsonNode json() {
            return JsonMapper.shared().readTree(response.body());
        }

        public JsonNode error() {
            return json().path("error");
        }

        /** A header, or "". */
        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    public static String chat(String text) {
        return """
        {"model":"gpt-4o","messages":[{"role":"user","content":"%s"}]}\
        """
                .formatted(text);
    }

    public Got chatCompletion(String text) throws IOException, InterruptedException {
        return post("/v1/chat/completions", chat(text));
    }

    public Got post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return new Got(
                http.send(
                        request(path, headers).POST(body(body)).build(),
                        HttpResponse.BodyHandlers.ofString()));
    }

    /** Uploads a file by a form, with fields as pairs of names and values. */
    public Got upload(String path, String name, String content, String... fields)
            throws IOException, InterruptedException {
        var form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append(
                    "--line\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                            .formatted(fields[i], fields[i + 1]));
        }
        form.append(
                "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                        .formatted(name));
        form.append(content).append("\r\n--line--\r\n");
        return post(path, form.toString(), "content-type", "multipart/form-data; boundary=line");
    }

    /** Gets what is at another place than the simulator's own port. */
    public Got getFrom(URI where, String... headers) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(where).timeout(Duration.ofSeconds(20));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return new Got(http.send(request.GET().build(), HttpResponse.BodyHandlers.ofString()));
    }

    public CompletableFuture<Got> postLater(String path, String body) {
        return http.sendAsync(
                        request(path).POST(body(body)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .thenApply(Got::new);
    }

    public Got send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return new Got(
                http.send(
                        request(path, headers)
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
    }

    public Got get(String path, String... headers) throws IOException, InterruptedException {
        return new Got(
                http.send(
                        request(path, headers).GET().build(),
                        HttpResponse.BodyHandlers.ofString()));
    }

    private static HttpRequest.BodyPublisher body(String body) {
        return HttpRequest.BodyPublishers.ofString(body);
    }

    private HttpRequest.Builder request(String path, String... headers) {
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + simulator.port() + path))
                        .timeout(Duration.ofSeconds(20))
                        .header("content-type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return request;
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
