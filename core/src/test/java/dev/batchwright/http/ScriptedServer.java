package dev.batchwright.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real server on loopback whose every byte the test decides. It hands each request to the script,
 * which writes to the socket what it likes; a script that closes the socket ends the connection.
 */
public final class ScriptedServer implements AutoCloseable {
    /** What arrived: the lines of the head, and the body. */
    public record Received(List<String> head, String body) {
        public String requestLine() {
            return head.getFirst();
        }

        public String header(String name) {
            return head.stream()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    /** Answers one request. */
    @FunctionalInterface
    public interface Script {
        void answer(Received request, Socket socket) throws IOException, InterruptedException;
    }

    private final ServerSocket server;
    private final Script script;
    private final String greeting;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    public final Queue<Received> received = new ConcurrentLinkedQueue<>();
    public final AtomicInteger connections = new AtomicInteger();

    public ScriptedServer(Script script) throws IOException {
        this(script, "");
    }

    /**
     * @param greeting what every connection gets at once; with one, requests are not read
     */
    public ScriptedServer(Script script, String greeting) throws IOException {
        this.script = script;
        this.greeting = greeting;
        this.server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public String origin() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    public int port() {
        return server.getLocalPort();
    }

    public URI uri(String path) {
        return URI.create(origin() + path);
    }

    /** An answer with a length. */
    public static void write(Socket socket, String statusLine, String body, String... headers)
            throws IOException {
        var head = new StringBuilder("HTTP/1.1 ").append(statusLine).append("\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        raw(socket, head + "Content-Length: " + length + "\r\n\r\n" + body);
    }

    public static void raw(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    /** Ends the connection as a crash does, with a reset. */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            if (!greeting.isEmpty()) {
                raw(socket, greeting);
                in.transferTo(OutputStream.nullOutputStream());
            }
            while (!socket.isClosed()) {
                Received request = read(in);
                received.add(request);
                script.answer(request, socket);
            }
        } catch (IOException | InterruptedException over) {
            // The other side is gone, or the test is over.
        }
    }

    private static Received read(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (head.length() < 4 || head.lastIndexOf("\r\n\r\n") != head.length() - 4) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("closed");
            }
            head.append((char) b);
        }
        var request = new Received(head.toString().strip().lines().toList(), "");
        String length = request.header("content-length");
        byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
        return new Received(request.head(), new String(body, StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
