package dev.batchwright.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * A server that must not be what is measured: one thread, one selector, the same chat completion to
 * whatever comes, after a fixed time. It reads no more of a request than its length. Two cores are
 * shared by server and client here, so each microsecond that it takes is one that the client lacks.
 *
 * <p>Arguments: milliseconds to wait, bytes of the answer's text. Prints its port, and ends when
 * its standard input does.
 */
final class CannedServer {
    private static final int BACKLOG = 16_384;
    private static final int MOST_READ = 64 << 10;
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

    private final Selector selector;
    private final ServerSocketChannel door;
    private final ByteBuffer answer;
    private final long latency;
    private final ByteBuffer incoming = ByteBuffer.allocateDirect(MOST_READ);
    private final byte[] seen = new byte[MOST_READ];

    /** Calls whose time has not come. All wait equally long, so the first to come is first due. */
    private final ArrayDeque<Connection> waiting = new ArrayDeque<>();

    private CannedServer(Duration latency, int textBytes) throws IOException {
        this.latency = latency.toNanos();
        this.answer = answer(textBytes);
        this.selector = Selector.open();
        this.door = ServerSocketChannel.open();
        door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        door.configureBlocking(false);
        door.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] arguments) throws IOException {
        var latency = Duration.ofMillis(Long.parseLong(arguments[0]));
        var server = new CannedServer(latency, Integer.parseInt(arguments[1]));
        System.out.println(server.door.socket().getLocalPort());
        Thread.ofPlatform().daemon().start(CannedServer::endWithInput);
        server.serve();
    }

    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException gone) {
            // Then nobody is there either.
        }
        System.exit(0);
    }

    private static ByteBuffer answer(int textBytes) {
        String body =
                """
                {"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,\
                "model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":\
                {"role":"assistant","content":"%s","refusal":null},"logprobs":null,\
                "finish_reason":"stop"}],"usage":{"prompt_tokens":250,"completion_tokens":450,\
                "total_tokens":700,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},\
                "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}},\
                "service_tier":"default","system_fingerprint":"fp_bench"}\
                """
                        .formatted("words ".repeat(textBytes / 6));
        String whole =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nx-request-id: req_bench\r\n\r\n%s"
                        .formatted(body.length(), body);
        byte[] bytes = whole.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().asReadOnlyBuffer();
    }

    private void serve() throws IOException {
        while (true) {
            selector.select(this::ready, pause());
            answerThoseDue();
        }
    }

    private long pause() {
        Connection first = waiting.peek();
        return first == null
                ? 0
                : Math.max(1, TimeUnit.NANOSECONDS.toMillis(first.due - System.nanoTime()));
    }

    private void answerThoseDue() {
        long now = System.nanoTime();
        for (Connection first = waiting.peek();
                first != null && first.due <= now;
                first = waiting.peek()) {
            waiting.remove();
            first.write();
        }
    }

    private void ready(SelectionKey key) {
        if (key.isAcceptable()) {
            accept();
        } else if (key.attachment() instanceof Connection connection) {
            if (key.isWritable()) {
                connection.writeOn();
            } else {
                connection.read();
            }
        }
    }

    private void accept() {
        try {
            for (SocketChannel channel = door.accept(); channel != null; channel = door.accept()) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new Connection(channel, key));
            }
        } catch (IOException tooMany) {
            // The client sees that its connection does not stand.
        }
    }

    private final class Connection {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final ByteBuffer out = answer.duplicate();
        private final StringBuilder head = new StringBuilder();

        /** Bytes of the body that have not come; -1 while the head has not ended. */
        private long missing = -1;

        private long due;

        Connection(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
        }

        void read() {
            try {
                incoming.clear();
                int count = channel.read(incoming);
                if (count < 0) {
                    channel.close();
                    return;
                }
                incoming.flip();
                incoming.get(seen, 0, count);
                take(count);
            } catch (IOException gone) {
                close();
            }
        }

        private void take(int count) {
            int bodyFrom = 0;
            if (missing < 0) {
                bodyFrom = takeHead(count);
                if (missing < 0) {
                    return;
                }
            }
            missing -= count - bodyFrom;
            if (missing <= 0) {
                missing = -1;
                due = System.nanoTime() + latency;
                if (latency == 0) {
                    write();
                } else {
                    waiting.add(this);
                }
            }
        }

        // Nearly always the whole head comes at once; a piece of it is kept until the rest is here.
        private int takeHead(int count) {
            int end = head.isEmpty() ? endOfHead(seen, count) : -1;
            if (end >= 0) {
                missing = lengthIn(seen, end);
                return end;
            }
            int before = head.length();
            head.append(new String(seen, 0, count, StandardCharsets.ISO_8859_1));
            int at = head.indexOf("\r\n\r\n");
            if (at < 0) {
                return count;
            }
            byte[] whole = head.substring(0, at + 4).getBytes(StandardCharsets.ISO_8859_1);
            head.setLength(0);
            missing = lengthIn(whole, whole.length);
            return whole.length - before;
        }

        void write() {
            out.rewind();
            writeOn();
        }

        void writeOn() {
            try {
                channel.write(out);
                key.interestOps(out.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            } catch (IOException gone) {
                close();
            }
        }

        private void close() {
            try {
                channel.close();
            } catch (IOException closed) {
                // It is gone, which is what was wanted.
            }
        }
    }

    private static int endOfHead(byte[] bytes, int count) {
        for (int i = 3; i < count; i++) {
            if (bytes[i] == '\n' && bytes[i - 2] == '\n' && bytes[i - 1] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    private static long lengthIn(byte[] head, int end) {
        for (int line = 0; line < end; line++) {
            if (startsWith(head, line, end)) {
                long length = 0;
                for (int i = line + LENGTH.length; head[i] != '\r'; i++) {
                    length = head[i] == ' ' ? length : 10 * length + head[i] - '0';
                }
                return length;
            }
            while (head[line] != '\n') {
                line++;
            }
        }
        return 0;
    }

    private static boolean startsWith(byte[] head, int from, int end) {
        if (from + LENGTH.length > end) {
            return false;
        }
        for (int i = 0; i < LENGTH.length; i++) {
            int lower = head[from + i] | (LENGTH[i] >= 'a' ? 0x20 : 0);
            if (lower != LENGTH[i]) {
                return false;
            }
        }
        return true;
    }
}
