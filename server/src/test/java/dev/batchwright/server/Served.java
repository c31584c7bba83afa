package dev.batchwright.server;

import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Workbench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A server on a free port of the loopback address, its store and its configuration. */
final class Served implements AutoCloseable {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    final Path directory;
    final Server server;
    private final Workbench workbench;
    private final ByteArrayOutputStream events = new ByteArrayOutputStream();

    /** With such options, before it is given a free port. */
    Served(
            Path directory,
            Map<String, String> variables,
            String configuration,
            UnaryOperator<ServerOptions> options,
            Function<ServingContext, List<Routes>> faces)
            throws InterruptedException {
        this(
                directory,
                directory.resolve("jobs.db").toString(),
                variables,
                configuration,
                options,
                faces);
    }

    /** With a store elsewhere. */
    Served(
            Path directory,
            String store,
            Map<String, String> variables,
            String configuration,
            UnaryOperator<ServerOptions> options,
            Function<ServingContext, List<Routes>> faces)
            throws InterruptedException {
        this.directory = directory;
        configure(configuration);
        workbench =
                Workbench.open(
                        new Workbench.Settings(
                                variables,
                                directory,
                                directory,
                                Optional.of(store),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        try {
            server =
                    Server.start(
                            workbench,
                            options.apply(
                                    ServerOptions.STANDARD.at(
                                            new ServerOptions.Listen("127.0.0.1", 0))),
                            new EventLog(
                                    Clock.systemUTC(),
                                    new PrintStream(events, true, StandardCharsets.UTF_8)),
                            faces);
        } catch (RuntimeException e) {
            workbench.close();
            throw e;
        }
    }

    Served(Path directory, Map<String, String> variables, String configuration)
            throws InterruptedException {
        this(directory, variables, configuration, options -> options, context -> List.of());
    }

    Served(Path directory, Routes face, UnaryOperator<ServerOptions> options)
            throws InterruptedException {
        this(directory, Map.of(), "", options, context -> List.of(face));
    }

    void configure(String configuration) {
        try {
            Files.writeString(directory.resolve("batchwright.yaml"), configuration);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        return send(request(path, headers));
    }

    HttpResponse<String> post(String path, String body, String... headers)
            throws IOException, InterruptedException {
        return send(request(path, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    HttpRequest.Builder request(String path, String... headers) {
        var request = HttpRequest.newBuilder(server.origin().resolve(path));
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What lines of text get back on a connection of its own, until the server closes it. */
    String raw(String... lines) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(String.join("\r\n", lines).getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    String events() {
        return events.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.close();
        workbench.close();
    }
}
