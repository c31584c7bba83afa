package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;

import io.vertx.ext.web.Router;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the edge does for every face, over HTTP. */
@Timeout(60)
class EdgeTest {
    private static final int MOST = 1_000_000;

    @TempDir Path directory;
    private final LinkedBlockingQueue<Exchange> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private final Routes face =
            router -> {
                router.post("/v1/whole")
                        .handler(
                                Exchange.withBody(MOST, (exchange, body) -> Reply.json(200, body)));
                router.post("/v1/counted").handler(Exchange.plain(EdgeTest::count));
                router.post("/v1/unread")
                        .handler(
                                Exchange.plain(
                                        exchange -> {
                                            throw ApiError.invalid("model", "No such model.");
                                        }));
                router.get("/v1/broken")
                        .handler(
                                Exchange.plain(
                                        exchange -> {
                                            throw new IllegalStateException("a secret prompt");
                                        }));
                router.get("/v1/long").handler(Exchange.plain(exchange -> large(100)));
                router.get("/v1/endless").handler(Exchange.plain(this::endless));
                router.get("/v1/torn").handler(Exchange.plain(exchange -> torn()));
                router.post("/v1/late").handler(Exchange.plain(this::readLate));
                router.post("/v1/waiting")
                        .handler(
                                routing -> {
                                    Exchange exchange = Exchange.of(routing);
                                    exchange.onGone(gone::countDown);
                                    exchange.read(MOST, body -> waiting.add(exchange));
                                });
            };

    private static Reply count(Exchange exchange) throws IOException {
        long bytes = 0;
        byte[] buffer = new byte[8192];
        try (InputStream body = exchange.body(64L << 20)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                bytes += read;
            }
        }
        return Reply.text(200, Long.toString(bytes));
    }

    /** More than the buffers on the way to a client take, which hold some megabytes. */
    private Reply endless(Exchange exchange) {
        exchange.onGone(gone::countDown);
        return large(1_000);
    }

    private static Reply large(int parts) {
        byte[] part = new byte[100_000];
        Arrays.fill(part, (byte) 'x');
        return Reply.written(
                200,
                "text/plain",
                OptionalLong.empty(),
                out -> {
                    for (int i = 0; i < parts; i++) {
                        out.write(part);
                    }
                });
    }

    /** Ends in the middle: a disk can't be read. */
    private static Reply torn() {
        return Reply.written(
                200,
                "text/plain",
                OptionalLong.empty(),
                out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("The disk is broken.");
                });
    }

    /** Reads a body whose client is gone by then. */
    private Reply readLate(Exchange exchange) throws IOException, InterruptedException {
        exchange.onGone(gone::countDown);
        waiting.add(exchange);
        gone.await();
        try (InputStream body = exchange.body(MOST)) {
            body.readAllBytes();
        } catch (IOException e) {
            ended.countDown();
            throw e;
        }
        return Reply.text(200, "read");
    }

    private Served served() throws InterruptedException {
        return new Served(directory, face, options -> options);
    }

    private Served impatient() throws InterruptedException {
        return new Served(
                directory,
                face,
                options ->
                        options.within(
                                new Limits(
                                        MOST,
                                        MOST,
                                        3,
                                        1_000,
                                        Duration.ofMillis(1_200),
                                        Duration.ofMillis(1_200))));
    }

    @Test
    void bodies_come_whole_or_as_a_stream_and_answers_too() throws Exception {
        try (Served served = served()) {
            String body = "{\"text\":\"" + "ä".repeat(300_000) + "\"}";
            assertThat(served.post("/v1/whole", body).body()).isEqualTo(body);
            byte[] many = new byte[30 << 20];
            var counted =
                    served.send(
                            served.request("/v1/counted")
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(many)));
            assertThat(counted.body()).isEqualTo(Integer.toString(many.length));
            assertThat(served.get("/v1/long").body()).hasSize(10_000_000);
        }
    }

    @Test
    void a_body_that_is_too_large_is_refused_whether_its_length_was_said_or_not() throws Exception {
        try (Served served = served()) {
            String large = "x".repeat(MOST + 1);
            var said = served.post("/v1/whole", large);
            assertThat(said.statusCode()).isEqualTo(413);
            assertThat(said.body()).contains("larger than 1,000,000 bytes");
            String chunks = "10000\r\n" + "x".repeat(65_536) + "\r\n";
            String unsaid =
                    served.raw(
                            "POST /v1/whole HTTP/1.1\r\n"
                                    + "Host: localhost\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n"
                                    + chunks.repeat(17));
            assertThat(unsaid).startsWith("HTTP/1.1 413");
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_problem_is_told_in_the_form_of_the_api_and_an_unexpected_one_without_details()
            throws Exception {
        try (Served served = served()) {
            var known = served.post("/v1/unread", "{}");
            assertThat(known.statusCode()).isEqualTo(400);
            assertThat(known.body())
                    .isEqualTo(
                            "{\"error\":{\"message\":\"No such"
                                + " model.\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":null}}");
            var unexpected = served.get("/v1/broken");
            assertThat(unexpected.statusCode()).isEqualTo(500);
            assertThat(unexpected.body())
                    .contains(unexpected.headers().firstValue("x-request-id").orElseThrow())
                    .doesNotContain("prompt");
        }
    }

    @Test
    void what_no_route_takes_is_told_apart() throws Exception {
        try (Served served = served()) {
            assertThat(served.get("/v1/nothing").statusCode()).isEqualTo(404);
            var method = served.get("/v1/whole");
            assertThat(method.statusCode()).isEqualTo(405);
            assertThat(method.body()).contains("\"code\":\"method_not_supported\"");
        }
    }

    @Test
    void what_is_not_http_or_has_endless_headers_gets_an_answer_and_no_more() throws Exception {
        try (Served served = served()) {
            assertThat(served.raw("NONSENSE", "", "")).startsWith("HTTP/1.0 400");
            assertThat(served.raw("GET * HTTP/1.1", "Host: localhost", "", ""))
                    .startsWith("HTTP/1.1 400");
            for (String half : List.of("/%2", "/v1/files?limit=%zz", "/?%")) {
                assertThat(served.raw("GET %s HTTP/1.1".formatted(half), "Host: localhost", "", ""))
                        .startsWith("HTTP/1.1 400");
            }
            assertThat(
                            served.raw(
                                    "GET /health HTTP/1.1\r\nHost: localhost\r\nx-long: "
                                            + "a".repeat(70_000)
                                            + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 4");
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void who_sends_headers_or_a_body_too_slowly_is_cut_off() throws Exception {
        try (Served served = impatient()) {
            assertThat(served.raw("GET /health HTTP/1.1", "Host:")).isEmpty();
            assertThat(
                            served.raw(
                                    "POST /v1/whole HTTP/1.1",
                                    "Host: localhost",
                                    "Content-Length: 100",
                                    "",
                                    "half"))
                    .startsWith("HTTP/1.1 408");
        }
    }

    @Test
    void who_reads_nothing_of_an_answer_is_cut_off() throws Exception {
        try (Served served = impatient();
                var socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), served.server.port()));
            socket.getOutputStream()
                    .write(
                            "GET /v1/endless HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void who_waits_for_an_answer_is_not_cut_off_for_being_silent() throws Exception {
        try (Served served = impatient()) {
            CompletableFuture<HttpResponse<String>> answer =
                    Served.HTTP.sendAsync(
                            served.request("/v1/waiting")
                                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            Exchange exchange = waiting.take();
            // Another connection is cut off meanwhile, which takes longer than the patience.
            assertThat(served.raw("GET /health HTTP/1.1", "Host:")).isEmpty();
            exchange.reply(Reply.text(200, "at last"));
            assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("at last");
        }
    }

    @Test
    void an_answer_that_ends_in_the_middle_does_not_look_whole() throws Exception {
        try (Served served = served()) {
            assertThat(served.raw("GET /v1/torn HTTP/1.1", "Host: localhost", "", ""))
                    .startsWith("HTTP/1.1 200")
                    .doesNotEndWith("0\r\n\r\n");
            assertThatThrownBy(() -> served.get("/v1/torn")).isInstanceOf(IOException.class);
        }
    }

    /** Sends the beginning of a request, and goes when it is served. */
    private void come(Served served, String path) throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), served.server.port())) {
            socket.getOutputStream()
                    .write(
                            "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
                                    .formatted(path)
                                    .getBytes(StandardCharsets.US_ASCII));
            waiting.take();
        }
    }

    @Test
    void a_client_that_is_gone_is_noticed_and_counts_no_more() throws Exception {
        try (Served served = served()) {
            come(served, "/v1/waiting");
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(served.get("/metrics").body())
                    .contains("batchwright_http_open_requests 1.0", "status=\"499\"");
        }
    }

    @Test
    void who_reads_the_body_of_a_client_that_is_gone_waits_for_nothing() throws Exception {
        try (Served served = served()) {
            come(served, "/v1/late");
            assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void more_requests_than_may_be_in_are_told_to_come_again() throws Exception {
        try (Served served = impatient()) {
            for (int i = 0; i < 3; i++) {
                var unused =
                        Served.HTTP.sendAsync(
                                served.request("/v1/waiting")
                                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString());
            }
            var in = new Exchange[] {waiting.take(), waiting.take(), waiting.take()};
            var refused = served.post("/v1/whole", "{}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("retry-after")).hasValue("5");
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
            for (Exchange exchange : in) {
                exchange.reply(Reply.text(200, "done"));
            }
        }
    }

    @Test
    void a_server_of_which_a_part_has_broken_down_lives_and_is_not_ready() throws Exception {
        Routes broken =
                new Routes() {
                    @Override
                    public void mount(Router router) {
                        face.mount(router);
                    }

                    @Override
                    public boolean isAble() {
                        return false;
                    }
                };
        try (var served = new Served(directory, broken, options -> options)) {
            assertThat(served.get("/ready").statusCode()).isEqualTo(503);
            assertThat(served.get("/ready").body()).contains("Start it anew");
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void when_the_server_stops_who_waits_is_told_to_come_again_and_nobody_is_let_in()
            throws Exception {
        var stopping = new CountDownLatch(1);
        var stop = new CountDownLatch(1);
        Routes slow =
                new Routes() {
                    @Override
                    public void mount(Router router) {
                        face.mount(router);
                    }

                    @Override
                    public void close() {
                        stopping.countDown();
                        try {
                            stop.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        try (var served = new Served(directory, slow, options -> options)) {
            CompletableFuture<HttpResponse<String>> answer =
                    Served.HTTP.sendAsync(
                            served.request("/v1/waiting")
                                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            waiting.take();
            Thread closing = Thread.startVirtualThread(served.server::close);
            stopping.await();
            assertThat(served.get("/ready").statusCode()).isEqualTo(503);
            assertThat(served.get("/health").statusCode()).isEqualTo(200);
            assertThat(served.post("/v1/whole", "{}").statusCode()).isEqualTo(503);
            stop.countDown();
            HttpResponse<String> told = answer.get(20, TimeUnit.SECONDS);
            assertThat(told.statusCode()).isEqualTo(503);
            assertThat(told.headers().firstValue("retry-after")).hasValue("1");
            assertThat(told.body()).contains("make the same request again");
            closing.join();
            assertThat(served.events())
                    .contains(
                            "\"event\":\"server_draining\",\"open_requests\":1",
                            "\"event\":\"server_stopped\"");
        }
    }

    @Test
    void the_head_of_what_can_be_got_is_told_and_so_are_methods() throws Exception {
        try (Served served = served()) {
            var head = served.send(served.request("/health").HEAD());
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.headers().firstValue("content-length")).hasValue("2");
            var large = served.send(served.request("/v1/long").HEAD());
            assertThat(large.statusCode()).isEqualTo(200);
            assertThat(large.body()).isEmpty();
            assertThat(served.send(served.request("/v1/none").HEAD()).statusCode()).isEqualTo(404);

            var wrong = served.get("/v1/whole");
            assertThat(wrong.statusCode()).isEqualTo(405);
            assertThat(wrong.headers().firstValue("allow")).hasValue("OPTIONS, POST");
            var asked =
                    served.send(
                            served.request("/v1/models/any")
                                    .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
            assertThat(asked.statusCode()).isEqualTo(204);
            assertThat(asked.headers().firstValue("allow")).hasValue("GET, HEAD, OPTIONS");
        }
    }
}
