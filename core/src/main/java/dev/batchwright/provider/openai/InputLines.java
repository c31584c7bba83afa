package dev.batchwright.provider.openai;

import dev.batchwright.job.Request;
import dev.batchwright.provider.WireRequest;

import tools.jackson.core.io.JsonStringEncoder;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The input file of a batch: a line a request, spliced around the request's own bytes. Thread-safe.
 */
public final class InputLines {
    private static final byte[] START = ascii("{\"custom_id\":\"");
    private static final byte[] END = ascii("}\n");
    private static final int LONGEST_ID = 35;
    private static final int BUFFER = 64 << 10;

    private final UnaryOperator<String> target;
    private final UnaryOperator<Request> words;
    // By endpoint; a job has a handful.
    private final Map<String, byte[]> middles = new ConcurrentHashMap<>();

    private InputLines(UnaryOperator<String> target, UnaryOperator<Request> words) {
        this.target = target;
        this.words = words;
    }

    /** Id and body alone. */
    public static InputLines bare() {
        return bare(UnaryOperator.identity());
    }

    /**
     * Id and body alone.
     *
     * @param words puts a request into the provider's own
     */
    public static InputLines bare(UnaryOperator<Request> words) {
        return new InputLines(endpoint -> "", words);
    }

    /**
     * As OpenAI has them, with a method and a url.
     *
     * @param url of an endpoint
     */
    public static InputLines withUrl(UnaryOperator<String> url) {
        return new InputLines(
                endpoint -> {
                    var quoted = new StringBuilder();
                    JsonStringEncoder.getInstance().quoteAsString(url.apply(endpoint), quoted);
                    return "\"method\":\"POST\",\"url\":\"%s\",".formatted(quoted);
                },
                UnaryOperator.identity());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] middle(String endpoint) {
        return middles.computeIfAbsent(
                endpoint,
                name ->
                        "\",%s\"body\":"
                                .formatted(target.apply(name))
                                .getBytes(StandardCharsets.UTF_8));
    }

    /** How long the line of a request is, as it came, if its id is as long as any. */
    public long size(Request request) {
        return (long) START.length
                + LONGEST_ID
                + middle(request.endpoint()).length
                + request.body().length()
                + END.length;
    }

    public void write(Iterator<WireRequest> requests, OutputStream out) throws IOException {
        var buffered = new BufferedOutputStream(out, BUFFER);
        while (requests.hasNext()) {
            WireRequest next = requests.next();
            buffered.write(START);
            buffered.write(ascii(next.wireId()));
            buffered.write(middle(next.request().endpoint()));
            words.apply(next.request()).body().writeTo(buffered);
            buffered.write(END);
        }
        buffered.flush();
    }
}
