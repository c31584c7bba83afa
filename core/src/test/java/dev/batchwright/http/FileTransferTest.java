package dev.batchwright.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.batchwright.config.Environment;
import dev.batchwright.http.HttpResult.Broken;
import dev.batchwright.http.HttpResult.Redirected;
import dev.batchwright.http.HttpResult.Response;
import dev.batchwright.http.HttpResult.TimedOut;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

@Timeout(30)
class FileTransferTest {
    static final Duration LONG = Duration.ofSeconds(20);
    static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    final HttpClient client =
            new HttpClient(Proxies.of(Environment.of(Map.of())), 1 << 10, HttpClient.UNCHECKED);
    final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @AfterEach
    void close() {
        client.close();
    }

    static HttpCall get(URI uri) {
        return new HttpCall(
                "GET",
                uri,
                new Headers(
                        List.of(
                                new Headers.Header("Authorization", "Bearer k"),
                                new Headers.Header("api-key", "k"),
                                new Headers.Header("X-Team", "t"))),
                Body.none());
    }

    HttpResult download(ScriptedServer server, long skip) throws InterruptedException {
        return client.download(get(server.uri("/v1/files/f/content")), skip, out, LONG);
    }

    String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    @Nested
    class A_download {
        @Test
        void streams_a_body_larger_than_any_answer_that_is_kept_in_memory() throws Exception {
            String piece = "0123456789abcdef".repeat(4096);
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(socket, CHUNKED);
                                for (int i = 0; i < 64; i++) {
                                    ScriptedServer.raw(socket, "10000\r\n" + piece + "\r\n");
                                }
                                ScriptedServer.raw(socket, "0\r\n\r\n");
                            })) {
                assertThat(download(server, 0))
                        .isInstanceOfSatisfying(
                                Response.class,
                                response -> {
                                    assertThat(response.status()).isEqualTo(200);
                                    assertThat(response.body()).isEmpty();
                                    assertThat(response.headers().first("transfer-encoding"))
                                            .hasValue("chunked");
                                });
                assertThat(out.size()).isEqualTo(64 << 16);

                download(server, 0);
                assertThat(server.connections).hasValue(1);
            }
        }

        @ParameterizedTest
        @CsvSource({"0, 0123456789", "4, 456789", "10, ''"})
        void leaves_out_what_was_there_already(long skip, String rest) throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) ->
                                    ScriptedServer.write(socket, "200 OK", "0123456789"))) {
                assertThat(download(server, skip)).isInstanceOf(Response.class);
                assertThat(written()).isEqualTo(rest);
            }
        }

        @Test
        void of_a_file_that_has_become_shorter_is_broken() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> ScriptedServer.write(socket, "200 OK", "0123"))) {
                assertThat(download(server, 5))
                        .isEqualTo(
                                new Broken(
                                        "the file has 4 bytes now, fewer than the 5 that were read"
                                                + " of it before"));
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n"
                })
        void that_is_cut_is_broken_and_keeps_what_came(String answer) throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(socket, answer);
                                socket.close();
                            })) {
                assertThat(download(server, 0)).isInstanceOf(Broken.class);
                assertThat(written()).isEqualTo("0123");
            }
        }

        @Test
        void unpacks_gzip_and_counts_what_it_skips_unpacked() throws Exception {
            var packed = new ByteArrayOutputStream();
            try (OutputStream gzip = new GZIPOutputStream(packed)) {
                gzip.write("0123456789".getBytes(StandardCharsets.UTF_8));
            }
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(
                                        socket,
                                        "HTTP/1.1 200 OK\r\n"
                                                + "Content-Encoding: gzip\r\n"
                                                + "Content-Length: "
                                                + packed.size()
                                                + "\r\n\r\n");
                                socket.getOutputStream().write(packed.toByteArray());
                            })) {
                assertThat(download(server, 7)).isInstanceOf(Response.class);
                assertThat(written()).isEqualTo("789");
            }
        }

        @Test
        void that_is_refused_writes_nothing_and_gives_the_whole_answer() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) ->
                                    ScriptedServer.write(socket, "404 Not Found", "no file"))) {
                assertThat(HttpClientTest.text(download(server, 0))).isEqualTo("no file");
                assertThat(out.size()).isZero();
            }
        }

        @Test
        void may_take_longer_than_its_longest_silence() throws Exception {
            var never = new CountDownLatch(1);
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(
                                        socket, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
                                for (int i = 0; i < 8; i++) {
                                    never.await(200, TimeUnit.MILLISECONDS);
                                    ScriptedServer.raw(socket, "x");
                                }
                            })) {
                var result = client.download(get(server.uri("/")), 0, out, Duration.ofMillis(1500));
                assertThat(result).isInstanceOf(Response.class);
                assertThat(written()).isEqualTo("xxxxxxxx");
            }
        }

        @Test
        void that_falls_silent_is_cut() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(
                                        socket, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nxx");
                                new CountDownLatch(1).await();
                            })) {
                var stall = Duration.ofMillis(150);
                assertThat(client.download(get(server.uri("/")), 0, out, stall))
                        .isEqualTo(new TimedOut(stall));
                assertThat(written()).isEqualTo("xx");
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void tells_what_the_callers_own_stream_threw(boolean virtual) throws Exception {
            var full = new IOException("No space left on device");
            var disk =
                    new OutputStream() {
                        @Override
                        public void write(int b) throws IOException {
                            throw full;
                        }
                    };
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> ScriptedServer.write(socket, "200 OK", "x"))) {
                var thrown = new CompletableFuture<Throwable>();
                var builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
                builder.start(
                        () ->
                                thrown.complete(
                                        catchThrowable(
                                                () ->
                                                        client.download(
                                                                get(server.uri("/")),
                                                                0,
                                                                disk,
                                                                LONG))));
                assertThat(thrown.get()).isInstanceOf(UncheckedIOException.class).hasCause(full);
            }
        }

        @Test
        void is_ended_by_an_interrupt() throws Exception {
            var arrived = new CountDownLatch(1);
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> {
                                ScriptedServer.raw(
                                        socket, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nxx");
                                arrived.countDown();
                                new CountDownLatch(1).await();
                            })) {
                var thrown = new CompletableFuture<Throwable>();
                Thread caller =
                        Thread.ofVirtual()
                                .start(
                                        () ->
                                                thrown.complete(
                                                        catchThrowable(() -> download(server, 0))));
                arrived.await();
                caller.interrupt();
                assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            }
        }

        @ParameterizedTest
        @ValueSource(ints = {301, 302, 303, 307, 308})
        void follows_to_another_server_without_any_header_of_the_provider(int status)
                throws Exception {
            try (var storage =
                            new ScriptedServer(
                                    (request, socket) ->
                                            ScriptedServer.write(socket, "200 OK", "signed"));
                    var server =
                            new ScriptedServer(
                                    (request, socket) ->
                                            ScriptedServer.write(
                                                    socket,
                                                    status + " Go",
                                                    "see there",
                                                    "Location: " + storage.uri("/o?sig=s")))) {
                assertThat(download(server, 0)).isInstanceOf(Response.class);
                assertThat(written()).isEqualTo("signed");

                var request = storage.received.remove();
                assertThat(request.requestLine()).isEqualTo("GET /o?sig=s HTTP/1.1");
                assertThat(request.header("authorization")).isEmpty();
                assertThat(request.header("api-key")).isEmpty();
                assertThat(request.header("x-team")).isEmpty();
                assertThat(server.received.remove().header("authorization")).isEqualTo("Bearer k");
            }
        }

        @Test
        void that_comes_back_to_the_provider_by_way_of_another_server_brings_no_key()
                throws Exception {
            var elsewhere = new CompletableFuture<URI>();
            try (var server =
                            new ScriptedServer(
                                    (request, socket) -> {
                                        if (request.requestLine().contains("/back")) {
                                            ScriptedServer.write(socket, "200 OK", "back");
                                        } else {
                                            ScriptedServer.write(
                                                    socket,
                                                    "302 Go",
                                                    "",
                                                    "Location: " + elsewhere.join());
                                        }
                                    });
                    var other =
                            new ScriptedServer(
                                    (request, socket) ->
                                            ScriptedServer.write(
                                                    socket,
                                                    "302 Go",
                                                    "",
                                                    "Location: " + server.uri("/back")))) {
                elsewhere.complete(other.uri("/o"));
                assertThat(download(server, 0)).isInstanceOf(Response.class);
                server.received.remove();
                assertThat(server.received.remove().header("authorization")).isEmpty();
            }
        }

        @Test
        void in_circles_ends() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) ->
                                    ScriptedServer.write(socket, "302 Go", "", "Location: /y"))) {
                assertThat(download(server, 0)).isInstanceOf(Redirected.class);
            }
        }
    }

    @Nested
    class An_upload {
        @TempDir Path folder;

        HttpCall post(URI uri, Body body) {
            return new HttpCall("POST", uri, Headers.NONE, body);
        }

        @Test
        void streams_a_file_from_its_start_as_often_as_it_is_asked_for() throws Exception {
            String text = "0123456789".repeat(30_000);
            Path path = Files.writeString(folder.resolve("f.jsonl"), text);
            try (var server =
                            new ScriptedServer(
                                    (request, socket) -> {
                                        if (request.requestLine().contains("/a ")) {
                                            ScriptedServer.write(
                                                    socket, "307 Go", "", "Location: /b");
                                        } else {
                                            ScriptedServer.write(socket, "200 OK", "{}");
                                        }
                                    });
                    var file = FileChannel.open(path)) {
                Body body = Body.file(file, text.length() - 5, "application/jsonl");
                assertThat(client.upload(post(server.uri("/a"), body), LONG))
                        .isInstanceOf(Response.class);
                for (var request : server.received) {
                    assertThat(request.body()).isEqualTo(text.substring(0, text.length() - 5));
                    assertThat(request.header("content-type")).isEqualTo("application/jsonl");
                }
                assertThat(server.received).hasSize(2);
            }
        }

        @Test
        void of_a_file_that_is_too_short_is_not_the_networks_failure() throws Exception {
            Path path = Files.writeString(folder.resolve("f.jsonl"), "0123");
            try (var server =
                            new ScriptedServer(
                                    (request, socket) ->
                                            ScriptedServer.write(socket, "200 OK", "{}"));
                    var file = FileChannel.open(path)) {
                Body body = Body.file(file, 5, "application/jsonl");
                assertThatThrownBy(() -> client.upload(post(server.uri("/a"), body), LONG))
                        .isInstanceOf(UncheckedIOException.class)
                        .hasMessageContaining("has 4 bytes, but 5 were to be sent");
            }
        }

        @Test
        void may_take_longer_than_its_longest_silence() throws Exception {
            var pauses = new CountDownLatch(1);
            var slow =
                    new Body() {
                        @Override
                        public long length() {
                            return 8L << 10;
                        }

                        @Override
                        public String contentType() {
                            return "text/plain";
                        }

                        @Override
                        public void writeTo(OutputStream out) throws IOException {
                            try {
                                for (int i = 0; i < 8; i++) {
                                    pauses.await(200, TimeUnit.MILLISECONDS);
                                    out.write(new byte[1 << 10]);
                                }
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        }
                    };
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> ScriptedServer.write(socket, "200 OK", "{}"))) {
                var result = client.upload(post(server.uri("/"), slow), Duration.ofMillis(1500));
                assertThat(result).isInstanceOf(Response.class);
            }
        }

        @Test
        void that_gets_no_answer_is_cut() throws Exception {
            try (var server =
                    new ScriptedServer((request, socket) -> new CountDownLatch(1).await())) {
                var stall = Duration.ofMillis(150);
                Body body = Body.json(RawJson.of("{}"));
                assertThat(client.upload(post(server.uri("/"), body), stall))
                        .isEqualTo(new TimedOut(stall));
            }
        }

        @Test
        void ends_where_the_server_has_answered_before_it_has_all() throws Exception {
            var endless =
                    new Body() {
                        @Override
                        public long length() {
                            return 1L << 40;
                        }

                        @Override
                        public String contentType() {
                            return "text/plain";
                        }

                        @Override
                        public void writeTo(OutputStream out) throws IOException {
                            byte[] chunk = new byte[8 << 10];
                            for (long i = 0; i < length(); i += chunk.length) {
                                out.write(chunk);
                            }
                        }
                    };
            String refusal = "HTTP/1.1 401 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
            try (var server = new ScriptedServer((request, socket) -> {}, refusal)) {
                var result = client.upload(post(server.uri("/"), endless), LONG);
                assertThat(HttpClientTest.text(result)).isEqualTo("no");
            }
        }

        @Test
        void that_asks_for_a_place_is_told_it_by_a_redirect_and_goes_nowhere() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) ->
                                    ScriptedServer.write(
                                            socket,
                                            "302 Go",
                                            "",
                                            "Location: http://elsewhere.invalid/o"))) {
                Body form = Body.text("a=b", "application/x-www-form-urlencoded");
                assertThat(client.sendHere(post(server.uri("/"), form), LONG))
                        .isInstanceOfSatisfying(
                                Response.class,
                                response ->
                                        assertThat(response.headers().first("location"))
                                                .hasValue("http://elsewhere.invalid/o"));
                assertThat(server.received.remove().body()).isEqualTo("a=b");
            }
        }

        @Test
        void of_a_form_has_its_fields_first_and_a_length() throws Exception {
            try (var server =
                    new ScriptedServer(
                            (request, socket) -> ScriptedServer.write(socket, "200 OK", "{}"))) {
                var form =
                        new MultipartBody(
                                List.of(
                                        new MultipartBody.Field("purpose", "batch"),
                                        new MultipartBody.Field("expires_after[seconds]", "60")),
                                "file",
                                "run.jsonl",
                                Body.json(RawJson.of("{\"a\":1}")));
                client.upload(post(server.uri("/v1/files"), form), LONG);

                var request = server.received.remove();
                String boundary = request.header("content-type").replaceFirst(".*boundary=", "");
                assertThat(request.header("transfer-encoding")).isEmpty();
                assertThat(request.header("content-type"))
                        .startsWith("multipart/form-data; boundary=");
                assertThat(request.body())
                        .isEqualTo(
                                """
                                --B
                                Content-Disposition: form-data; name="purpose"

                                batch
                                --B
                                Content-Disposition: form-data; name="expires_after[seconds]"

                                60
                                --B
                                Content-Disposition: form-data; name="file"; filename="run.jsonl"
                                Content-Type: application/json

                                {"a":1}
                                --B--
                                """
                                        .replace("--B", "--" + boundary)
                                        .replace("\n", "\r\n"));
            }
        }
    }
}
