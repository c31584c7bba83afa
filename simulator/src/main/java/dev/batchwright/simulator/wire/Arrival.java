package dev.batchwright.simulator.wire;

import org.jspecify.annotations.Nullable;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * One HTTP request as it came in, complete with its body. Immutable by agreement: nobody writes to
 * {@link #body()}.
 */
public final class Arrival {
    private final String method;
    private final String path;
    private final String query;
    private final Function<String, @Nullable String> headers;
    private final byte[] body;
    private final Instant at;

    /**
     * Takes the parts as they came.
     *
     * @param path without the query, as sent
     * @param query what follows the question mark, or ""
     * @param headers looks a header up, whatever its case
     * @param at when the last byte of the request was read
     */
    public Arrival(
            String method,
            String path,
            String query,
            Function<String, @Nullable String> headers,
            byte[] body,
            Instant at) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.body = body;
        this.at = at;
    }

    /** A POST that came in no connection, like a row of a batch. */
    public static Arrival post(String path, byte[] body, Instant at) {
        return new Arrival("POST", path, "", name -> null, body, at);
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    public String query() {
        return query;
    }

    public byte[] body() {
        return body;
    }

    public Instant at() {
        return at;
    }

    /** The value of a header, or "" where the request has none. */
    public String header(String name) {
        String value = headers.apply(name);
        return value == null ? "" : value;
    }

    /** The value of a parameter of the query, not decoded, or "" where the query has none. */
    public String parameter(String name) {
        for (String pair : query.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                return pair.substring(name.length() + 1);
            }
        }
        return "";
    }

    /** All values of a parameter of the query, decoded. */
    public List<String> parameters(String name) {
        var values = new ArrayList<String>();
        for (String pair : query.split("&", -1)) {
            if (pair.startsWith(name + "=")) {
                values.add(
                        URLDecoder.decode(
                                pair.substring(name.length() + 1), StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
