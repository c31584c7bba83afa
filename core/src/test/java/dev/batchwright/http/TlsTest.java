package dev.batchwright.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.config.Environment;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** Calls over TLS to a server on loopback whose certificate, for 127.0.0.1, it signed itself. */
@Timeout(30)
@Isolated("It changes what the whole JVM trusts.")
class TlsTest {
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String PASSWORD = "changeit";
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir static Path directory;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "server",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=test",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-keystore",
                                keys().toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(keytool.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
    }

    private static Path keys() {
        return directory.resolve("keys.p12");
    }

    @AfterEach
    void trustAsUsual() {
        System.clearProperty(TRUST_STORE);
        System.clearProperty(TRUST_STORE + "Password");
    }

    private static void trustTheServer() {
        System.setProperty(TRUST_STORE, keys().toString());
        System.setProperty(TRUST_STORE + "Password", PASSWORD);
    }

    @Test
    void a_certificate_of_the_trust_store_is_trusted_and_its_connection_used_again()
            throws Exception {
        trustTheServer();
        try (var server = new Server(context());
                var client = newClient()) {
            for (int call = 0; call < 3; call++) {
                assertThat(client.send(server.call("127.0.0.1"), LONG))
                        .isInstanceOfSatisfying(
                                HttpResult.Response.class,
                                answer -> assertThat(answer.body()).asString().isEqualTo("{}"));
            }
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void one_that_is_not_in_it_is_untrusted_and_nothing_is_sent() throws Exception {
        try (var server = new Server(context());
                var client = newClient()) {
            assertThat(client.send(server.call("127.0.0.1"), LONG))
                    .isInstanceOf(HttpResult.Untrusted.class);
            assertThat(server.requests).hasValue(0);
        }
    }

    @Test
    void one_for_another_name_is_untrusted_and_nothing_is_sent() throws Exception {
        trustTheServer();
        try (var server = new Server(context());
                var client = newClient()) {
            assertThat(client.send(server.call("localhost"), LONG))
                    .isInstanceOf(HttpResult.Untrusted.class);
            assertThat(server.requests).hasValue(0);
        }
    }

    @Test
    void a_server_that_answers_in_plain_text_is_untrusted() throws Exception {
        try (var server =
                        new ScriptedServer(
                                (request, socket) -> {}, "HTTP/1.1 400 Bad Request\r\n\r\n");
                var client = newClient()) {
            assertThat(client.send(call(server.port(), "127.0.0.1"), LONG))
                    .isInstanceOf(HttpResult.Untrusted.class);
        }
    }

    @Test
    void a_handshake_that_never_comes_ends_with_the_time_for_the_call() throws Exception {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = newClient()) {
            var timeout = Duration.ofMillis(300);

            assertThat(client.send(call(silent.getLocalPort(), "127.0.0.1"), timeout))
                    .isEqualTo(new HttpResult.TimedOut(timeout));
        }
    }

    private static HttpClient newClient() {
        return new HttpClient(Proxies.of(Environment.of(Map.of())));
    }

    private static HttpCall call(int port, String host) {
        return new HttpCall(
                "POST",
                URI.create("https://%s:%d/v1/embeddings".formatted(host, port)),
                Headers.NONE,
                Body.json(RawJson.of("{}")));
    }

    private static SSLContext context() throws Exception {
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys())) {
            keys.load(in, PASSWORD.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** Answers every request on every connection with an empty object. */
    private static final class Server implements AutoCloseable {
        final AtomicInteger connections = new AtomicInteger();
        final AtomicInteger requests = new AtomicInteger();
        private final ServerSocket socket;

        Server(SSLContext context) throws IOException {
            this.socket =
                    context.getServerSocketFactory()
                            .createServerSocket(0, 8, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().start(this::accept);
        }

        HttpCall call(String host) {
            return TlsTest.call(socket.getLocalPort(), host);
        }

        private void accept() {
            try {
                while (true) {
                    Socket connection = socket.accept();
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> serve(connection));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        private void serve(Socket connection) {
            try (connection;
                    var in =
                            new BufferedReader(
                                    new InputStreamReader(
                                            connection.getInputStream(),
                                            StandardCharsets.US_ASCII))) {
                String line = in.readLine();
                while (line != null) {
                    if (line.isEmpty()) {
                        requests.incrementAndGet();
                        assertThat(in.skip(2)).isEqualTo(2);
                        ScriptedServer.write(connection, "200 OK", "{}");
                    }
                    line = in.readLine();
                }
            } catch (IOException ended) {
                // The client did not like the certificate, or closed the connection.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
