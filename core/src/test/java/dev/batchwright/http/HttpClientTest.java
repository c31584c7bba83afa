package dev.batchwright.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.batchwright.config.Environment;
import dev.batchwright.http.HttpResult.Broken;
import dev.batchwright.http.HttpResult.Redirected;
import dev.batchwright.http.HttpResult.Response;
import dev.batchwright.http.HttpResult.TimedOut;
import dev.batchwright.http.HttpResult.TooLarge;
import dev.batchwright.http.HttpResult.Unreachable;
import dev.batchwright.http.HttpResult.Untrusted;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

@Timeout(30)
class HttpClientTest {
    static final Duration LONG = Duration.ofSeconds(20);

    final HttpClient client =
            new HttpClient(Proxies.of(Environment.of(Map.of())), 1 << 20, HttpClient.UNCHECKED);

    @AfterEach
    void close() {
        client.close();
    }

    static HttpCall post(URI uri) {
        return new HttpCall(
                "POST", uri, Headers.of("Authorization", "Bearer k"), Body.json(RawJson.of("{}")));
    }

    static HttpCall post(ScriptedServer server) {
        return post(server.uri("/v1/x"));
    }

    static String text(HttpResult result) {
        assertThat(result).isInstanceOf(Response.class);
        return new String(((Response) result).body(), StandardCharsets.UTF_8);
    }

    @Test
    void reads_an_answer_of_any_status_with_its_headers() throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) ->
                                ScriptedServer.write(socket, "418 Teapot", "short", "X-A: 1"))) {
            var result = client.send(post(server), LONG);

            assertThat(text(result)).isEqualTo("short");
            assertThat(((Response) result).status()).isEqualTo(418);
            assertThat(((Response) result).headers().first("x-a")).hasValue("1");
        }
    }

    @Test
    void uses_a_connection_again() throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> ScriptedServer.write(socket, "200 OK", "{}"))) {
            for (int i = 0; i < 5; i++) {
                assertThat(text(client.send(post(server), LONG))).isEqualTo("{}");
            }
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void opens_another_connection_when_the_server_says_close() throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            ScriptedServer.write(socket, "200 OK", "{}", "Connection: close");
                            socket.close();
                        })) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(client.send(post(server), LONG))).isEqualTo("{}");
            }
            assertThat(server.connections).hasValue(3);
        }
    }

    @Test
    void a_connection_that_the_server_closed_while_idle_costs_no_call() throws Exception {
        var closed = new Semaphore(0);
        try (var server =
                        new ScriptedServer(
                                (request, socket) -> {
                                    ScriptedServer.write(socket, "200 OK", "{}");
                                    socket.close();
                                    closed.release();
                                });
                var checking =
                        new HttpClient(
                                Proxies.of(Environment.of(Map.of())), 1 << 20, Duration.ZERO)) {
            for (int i = 0; i < 3; i++) {
                assertThat(text(checking.send(post(server), LONG))).isEqualTo("{}");
                closed.acquire();
                // The pool counts idle time in whole milliseconds.
                long returned = System.currentTimeMillis();
                while (System.currentTimeMillis() <= returned + 1) {
                    Thread.onSpinWait();
                }
            }
            assertThat(server.connections).hasValue(3);
            assertThat(server.received).hasSize(3);
        }
    }

    @Test
    void unpacks_gzip() throws Exception {
        var packed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("{\"packed\":true}".getBytes(StandardCharsets.UTF_8));
        }
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            assertThat(request.header("accept-encoding")).contains("gzip");
                            ScriptedServer.raw(
                                    socket,
                                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                                            + packed.size()
                                            + "\r\n\r\n");
                            socket.getOutputStream().write(packed.toByteArray());
                        })) {
            assertThat(text(client.send(post(server), LONG))).isEqualTo("{\"packed\":true}");
            assertThat(text(client.send(post(server), LONG))).isEqualTo("{\"packed\":true}");
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void asks_for_nothing_that_a_proxy_or_server_may_stumble_over() throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> ScriptedServer.write(socket, "200 OK", "{}"))) {
            client.send(post(server), LONG);

            var request = server.received.remove();
            assertThat(request.header("upgrade")).isEmpty();
            assertThat(request.header("expect")).isEmpty();
            assertThat(request.header("cookie")).isEmpty();
            assertThat(request.header("content-length")).isEqualTo("2");
        }
    }

    @Test
    void a_refused_connection_is_unreachable() throws Exception {
        try (var deaf = new Socket()) { // It has the port, and does not listen.
            deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI nobody = URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/");

            assertThat(client.send(post(nobody), LONG)).isInstanceOf(Unreachable.class);
        }
    }

    @Test
    void an_unknown_host_is_unreachable() throws Exception {
        assertThat(client.send(post(URI.create("http://no-such-host.invalid/v1/x")), LONG))
                .isInstanceOfSatisfying(
                        Unreachable.class,
                        unreachable ->
                                assertThat(unreachable.cause())
                                        .startsWith("the name of the host is unknown")
                                        .contains("no-such-host.invalid"));
    }

    @Test
    void a_server_without_tls_is_not_trusted() throws Exception {
        try (var server =
                new ScriptedServer((request, socket) -> {}, "HTTP/1.1 400 Bad Request\r\n\r\n")) {
            URI https = URI.create("https://127.0.0.1:" + server.port() + "/v1/x");
            assertThat(client.send(post(https), LONG)).isInstanceOf(Untrusted.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
                "this is not HTTP\r\n\r\n"
            })
    void half_an_answer_is_broken(String start) throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            ScriptedServer.raw(socket, start);
                            socket.close();
                        })) {
            assertThat(client.send(post(server), LONG)).isInstanceOf(Broken.class);
            assertThat(server.received).hasSize(1);
        }
    }

    @Test
    void a_reset_is_broken_and_nothing_is_sent_again() throws Exception {
        try (var server = new ScriptedServer((request, socket) -> ScriptedServer.reset(socket))) {
            assertThat(client.send(post(server), LONG)).isInstanceOf(Broken.class);
            assertThat(server.received).hasSize(1);
        }
    }

    @Test
    void silence_ends_with_the_time() throws Exception {
        try (var server = new ScriptedServer((request, socket) -> new CountDownLatch(1).await())) {
            var timeout = Duration.ofMillis(150);
            assertThat(client.send(post(server), timeout)).isEqualTo(new TimedOut(timeout));
        }
    }

    @Test
    void a_body_that_trickles_ends_with_the_time() throws Exception {
        var gone = new CountDownLatch(1);
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            ScriptedServer.raw(
                                    socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
                            trickle(socket, gone);
                        })) {
            var timeout = Duration.ofMillis(200);
            assertThat(client.send(post(server), timeout)).isEqualTo(new TimedOut(timeout));
            gone.await();
        }
    }

    // A byte now and then, until the other side is gone.
    private static void trickle(Socket socket, CountDownLatch gone) throws InterruptedException {
        var never = new CountDownLatch(1);
        try {
            while (!never.await(5, TimeUnit.MILLISECONDS)) {
                ScriptedServer.raw(socket, "x");
            }
        } catch (IOException closed) {
            gone.countDown();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_interrupt_ends_the_call_at_once(boolean virtual) throws Exception {
        var arrived = new CountDownLatch(1);
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            arrived.countDown();
                            new CountDownLatch(1).await();
                        })) {
            var thrown = new CompletableFuture<Throwable>();
            var builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
            Thread caller =
                    builder.start(
                            () ->
                                    thrown.complete(
                                            catchThrowable(() -> client.send(post(server), LONG))));
            arrived.await();
            caller.interrupt();

            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void closing_the_client_ends_its_calls() throws Exception {
        var arrived = new CountDownLatch(1);
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            arrived.countDown();
                            new CountDownLatch(1).await();
                        })) {
            var result = new CompletableFuture<HttpResult>();
            Thread.ofVirtual()
                    .start(
                            () -> {
                                try {
                                    result.complete(client.send(post(server), LONG));
                                } catch (InterruptedException e) {
                                    result.completeExceptionally(e);
                                }
                            });
            arrived.await();
            client.close();

            assertThat(result.get()).isInstanceOf(Broken.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 2000000",
                "Transfer-Encoding: chunked",
            })
    void an_answer_without_end_is_too_large(String framing) throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            ScriptedServer.raw(
                                    socket, "HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n");
                            String piece = "x".repeat(0x10000);
                            for (int i = 0; i < 40; i++) {
                                ScriptedServer.raw(socket, "10000\r\n" + piece + "\r\n");
                            }
                        })) {
            assertThat(client.send(post(server), LONG)).isEqualTo(new TooLarge(1 << 20));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {307, 308})
    void a_redirect_within_the_server_is_followed_with_body_and_key(int status) throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) -> {
                            if (request.requestLine().contains("/v1/x")) {
                                ScriptedServer.write(socket, status + " Go", "", "Location: /v2/x");
                            } else {
                                ScriptedServer.write(socket, "200 OK", "there");
                            }
                        })) {
            assertThat(text(client.send(post(server), LONG))).isEqualTo("there");

            server.received.remove();
            var second = server.received.remove();
            assertThat(second.requestLine()).startsWith("POST /v2/x");
            assertThat(second.body()).isEqualTo("{}");
            assertThat(second.header("authorization")).isEqualTo("Bearer k");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303})
    void a_redirect_that_would_make_a_post_a_get_is_given_back(int status) throws Exception {
        try (var server =
                new ScriptedServer(
                        (request, socket) ->
                                ScriptedServer.write(socket, status + " Go", "", "Location: /y"))) {
            assertThat(client.send(post(server), LONG))
                    .isEqualTo(new Redirected(status, server.origin()));
            assertThat(server.received).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void a_redirect_to_another_server_never_takes_the_key_there(int status) throws Exception {
        try (var other =
                        new ScriptedServer(
                                (request, socket) -> ScriptedServer.write(socket, "200 OK", "{}"));
                var server =
                        new ScriptedServer(
                                (request, socket) ->
                                        ScriptedServer.write(
                                                socket,
                                                status + " Go",
                                                "",
                                                "Location: " + other.uri("/v1/x?token=t")))) {
            assertThat(client.send(post(server), LONG))
                    .isEqualTo(new Redirected(status, other.origin()));
            assertThat(other.connections).hasValue(0);
        }
    }

    @Test
    void a_redirect_in_circles_ends() throws Exception {
        var hops = new AtomicInteger();
        try (var server =
                new ScriptedServer(
                        (request, socket) ->
                                ScriptedServer.write(
                                        socket,
                                        "307 Go",
                                        "",
                                        "Location: /hop" + hops.incrementAndGet()))) {
            assertThat(client.send(post(server), LONG)).isInstanceOf(Redirected.class);
            assertThat(server.received).hasSize(1 + HttpClient.REDIRECTS);
        }
    }

    @Test
    void an_http_call_goes_to_the_proxy_with_its_login() throws Exception {
        try (var proxy =
                new ScriptedServer(
                        (request, socket) -> {
                            if (request.header("proxy-authorization").isEmpty()) {
                                ScriptedServer.write(
                                        socket,
                                        "407 Login",
                                        "",
                                        "Proxy-Authenticate: Basic realm=\"p\"");
                            } else {
                                ScriptedServer.write(socket, "200 OK", "by proxy");
                            }
                        })) {
            var environment =
                    Environment.of(Map.of("http_proxy", "http://me:pw@127.0.0.1:" + proxy.port()));
            try (var throughProxy = new HttpClient(Proxies.of(environment))) {
                var result = throughProxy.send(post(URI.create("http://api.invalid/v1/x")), LONG);

                assertThat(text(result)).isEqualTo("by proxy");
                assertThat(proxy.received.remove().requestLine())
                        .isEqualTo("POST http://api.invalid/v1/x HTTP/1.1");
                assertThat(proxy.received.remove().header("proxy-authorization"))
                        .isEqualTo("Basic bWU6cHc=");
            }
        }
    }

    @Test
    void an_https_call_asks_the_proxy_for_a_tunnel_and_shows_it_no_key() throws Exception {
        try (var proxy =
                new ScriptedServer(
                        (request, socket) -> ScriptedServer.write(socket, "403 No", "no"))) {
            var environment =
                    Environment.of(Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port()));
            try (var throughProxy = new HttpClient(Proxies.of(environment))) {
                var result = throughProxy.send(post(URI.create("https://api.invalid/v1/x")), LONG);

                assertThat(result)
                        .isEqualTo(new Unreachable("the proxy refused the connection (HTTP 403)"));
                var request = proxy.received.remove();
                assertThat(request.requestLine()).isEqualTo("CONNECT api.invalid:443 HTTP/1.1");
                assertThat(request.header("authorization")).isEmpty();
            }
        }
    }
}
