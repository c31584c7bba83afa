package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.edge.Tls;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Way;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.RoutingContext;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import javax.net.ssl.SSLException;

/** HTTP/1.1 and HTTP/2, in clear text and by TLS. */
@Timeout(60)
class ProtocolsTest {
    private static final String CHAT =
            "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}";

    private static final Reply LONG =
            Reply.written(
                    200,
                    "text/plain",
                    OptionalLong.empty(),
                    out -> {
                        for (int i = 0; i < 100; i++) {
                            out.write(new byte[100_000]);
                        }
                    });
    private static final Limits IMPATIENT =
            new Limits(
                    Limits.STANDARD.bodyBytes(),
                    Limits.STANDARD.fileBytes(),
                    Limits.STANDARD.openRequests(),
                    Limits.STANDARD.streams(),
                    Duration.ofMillis(1_200),
                    Limits.STANDARD.idle());

    @TempDir Path directory;
    private final LinkedBlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();

    private final Routes face =
            router -> {
                router.get("/v1/long").handler(Exchange.plain(exchange -> LONG));
                router.post("/v1/waiting").handler(this::await);
            };

    private record Waiting(Exchange exchange, String body) {}

    private void await(RoutingContext routing) {
        Exchange exchange = Exchange.of(routing);
        exchange.read(
                1_000,
                body ->
                        waiting.add(
                                new Waiting(exchange, new String(body, StandardCharsets.UTF_8))));
    }

    private Served served(UnaryOperator<ServerOptions> options) throws InterruptedException {
        return new Served(
                directory,
                Map.of(),
                "",
                usual ->
                        options.apply(
                                usual.before(
                                        new Way.Said(
                                                Optional.of("echo"),
                                                Optional.empty(),
                                                Optional.empty()))),
                context -> List.of(face));
    }

    private static HttpResponse<String> post(
            HttpClient client, URI origin, String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(origin.resolve(path))
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void serves(HttpClient client, URI origin, Version version) throws Exception {
        HttpResponse<String> chat =
                post(client, origin, "/v1/chat/completions", CHAT.formatted("hello", ""));
        assertThat(chat.version()).isEqualTo(version);
        assertThat(chat.body()).contains("\"chat.completion\"", "hello");
        HttpResponse<String> stream =
                post(
                        client,
                        origin,
                        "/v1/chat/completions",
                        CHAT.formatted("hello", ",\"stream\":true"));
        assertThat(stream.body()).endsWith("data: [DONE]\n\n");
        String form = UploadForm.of("x".repeat(3_000_000));
        HttpResponse<String> file =
                post(client, origin, "/v1/files", form, "content-type", UploadForm.TYPE);
        assertThat(file.version()).isEqualTo(version);
        assertThat(file.body()).contains("\"bytes\":3000000");
    }

    @Test
    void by_tls_a_client_has_the_version_that_it_asks_for() throws Exception {
        SelfSigned certificate = SelfSigned.in(directory);
        try (Served served = served(options -> options.secured(certificate.tls()))) {
            assertThat(served.server.origin().getScheme()).isEqualTo("https");
            for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
                try (HttpClient client =
                        HttpClient.newBuilder()
                                .version(version)
                                .sslContext(certificate.believed())
                                .build()) {
                    serves(client, served.server.origin(), version);
                }
            }
            assertThatThrownBy(() -> served.get("/health")).isInstanceOf(SSLException.class);
            // Who speaks no TLS is told nothing.
            assertThat(served.raw("GET /health HTTP/1.1", "Host: localhost", "", ""))
                    .doesNotContain("HTTP");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
    void in_clear_text_too(Version version) throws Exception {
        try (Served served = served(options -> options);
                HttpClient client = HttpClient.newBuilder().version(version).build()) {
            serves(client, served.server.origin(), version);
        }
    }

    @Test
    void without_its_certificate_or_key_it_does_not_start() {
        assertThatThrownBy(
                        () ->
                                served(
                                        options ->
                                                options.secured(
                                                        new Tls(
                                                                directory.resolve("no.pem"),
                                                                directory.resolve("key.pem")))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("no.pem");
    }

    /** A client that knows that the server speaks HTTP/2, and has one connection. */
    private static final class OneConnection implements AutoCloseable {
        private final Vertx vertx = Vertx.vertx();
        private final io.vertx.core.http.HttpClient client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(io.vertx.core.http.HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false));
        private final int port;

        OneConnection(Served served) {
            this.port = served.server.port();
        }

        Future<String> send(HttpMethod method, String path, String body) {
            return client.request(
                            new RequestOptions()
                                    .setMethod(method)
                                    .setHost("127.0.0.1")
                                    .setPort(port)
                                    .setURI(path))
                    .compose(request -> request.send(Buffer.buffer(body)))
                    .compose(HttpClientResponse::body)
                    .map(Buffer::toString);
        }

        /** Reads nothing of an answer; is done when the server has had enough of that. */
        Future<Throwable> leave(String path) {
            Promise<Throwable> reset = Promise.promise();
            client.request(HttpMethod.GET, port, "127.0.0.1", path)
                    .compose(HttpClientRequest::send)
                    .onComplete(
                            response -> {
                                response.pause();
                                response.exceptionHandler(reset::complete);
                            },
                            reset::fail);
            return reset.future();
        }

        static <T> T done(Future<T> something) {
            return something.toCompletionStage().toCompletableFuture().join();
        }

        static String text(Future<String> answer) {
            return answer.toCompletionStage().toCompletableFuture().join();
        }

        @Override
        public void close() {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void many_wait_on_one_connection_and_one_bad_request_ends_none_of_them() throws Exception {
        try (Served served = served(options -> options);
                var client = new OneConnection(served)) {
            List<Future<String>> answers =
                    IntStream.range(0, 200)
                            .mapToObj(i -> client.send(HttpMethod.POST, "/v1/waiting", "call " + i))
                            .toList();
            var calls = new ArrayList<Waiting>();
            while (calls.size() < answers.size()) {
                calls.add(waiting.take());
            }
            String bad = OneConnection.text(client.send(HttpMethod.GET, "/v1/files/%2", ""));
            assertThat(bad).contains("\"type\":\"invalid_request_error\"");
            assertThat(served.get("/metrics").body())
                    .contains("batchwright_http_open_requests 201.0")
                    .contains("batchwright_http_connections 2.0");
            calls.forEach(call -> call.exchange.reply(Reply.text(200, "answer to " + call.body)));
            for (int i = 0; i < answers.size(); i++) {
                assertThat(OneConnection.text(answers.get(i))).isEqualTo("answer to call " + i);
            }
        }
    }

    @Test
    void who_reads_nothing_of_one_answer_keeps_the_others_of_the_connection() throws Exception {
        try (Served served = served(options -> options.within(IMPATIENT));
                var client = new OneConnection(served)) {
            Future<String> answer = client.send(HttpMethod.POST, "/v1/waiting", "call");
            Waiting call = waiting.take();
            assertThat(OneConnection.done(client.leave("/v1/long")))
                    .isInstanceOf(StreamResetException.class);
            call.exchange.reply(Reply.text(200, "at last"));
            assertThat(OneConnection.text(answer)).isEqualTo("at last");
        }
    }

    @Test
    void a_message_batch_says_where_its_results_are_to_clients_of_http_2_too() throws Exception {
        try (Served served = served(options -> options);
                var client = new OneConnection(served)) {
            String path = "/v1/messages/batches";
            String created =
                    OneConnection.text(
                            client.send(
                                    HttpMethod.POST,
                                    path,
                                    "{\"requests\":[{\"custom_id\":\"a\",\"params\":{\"model\":\"echo\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}}]}"));
            String id = JsonMapper.shared().readTree(created).path("id").asString();
            JsonNode batch;
            do {
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
                batch =
                        JsonMapper.shared()
                                .readTree(
                                        OneConnection.text(
                                                client.send(HttpMethod.GET, path + "/" + id, "")));
            } while (!batch.path("processing_status").asString().equals("ended"));
            assertThat(batch.path("results_url").asString())
                    .isEqualTo("%s%s/%s/results".formatted(served.server.origin(), path, id));
        }
    }
}
