package dev.batchwright.provider;

import dev.batchwright.config.ServerAddress;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a server's endpoints begin, as its SDK takes it: {@code https://api.openai.com/v1}. An
 * endpoint is {@code /v1/chat/completions} in every job; its {@code /v1} stands for the base URL's
 * path, whatever that is. A query ({@code ?api-version=...}) goes along with every call.
 */
public final class BaseUrl {
    private final String start;
    private final String query;
    // A job has a handful of endpoints; parsing an address for every call is not free.
    private final Map<String, URI> endpoints = new ConcurrentHashMap<>();

    private BaseUrl(String start, String query) {
        this.start = start;
        this.query = query;
    }

    /**
     * @param barePath the path to use when the text has none
     * @throws IllegalArgumentException if the text is no http or https address of a host; its
     *     message is for the user
     */
    public static BaseUrl parse(String text, String barePath) {
        URI uri =
                ServerAddress.of(text.strip())
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "is not the address of a server; write it as"
                                                        + " https://host/v1, without user or"
                                                        + " password"));
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
        return new BaseUrl(
                origin(uri) + (path.isEmpty() ? barePath : path),
                uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    /**
     * As {@link #parse}, for an API whose SDK adds the {@code /v1} itself: {@code
     * https://api.anthropic.com}. One that is there already does no harm.
     */
    public static BaseUrl withoutVersion(String text) {
        BaseUrl given = parse(text, "");
        return given.start.endsWith("/v1") ? given : new BaseUrl(given.start + "/v1", given.query);
    }

    /** The same server, where the path ends otherwise: as it is, unless it ends so. */
    public BaseUrl ending(String end, String otherEnd) {
        return start.endsWith(end)
                ? new BaseUrl(start.substring(0, start.length() - end.length()) + otherEnd, query)
                : this;
    }

    private static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    public URI endpoint(String endpoint) {
        URI known = endpoints.get(endpoint);
        return known != null ? known : endpoints.computeIfAbsent(endpoint, this::join);
    }

    private URI join(String endpoint) {
        String rest = endpoint.startsWith("/v1/") ? endpoint.substring("/v1".length()) : endpoint;
        return URI.create(start + (rest.startsWith("/") ? rest : "/" + rest) + query);
    }

    /**
     * The address of one thing at an endpoint, which is not remembered.
     *
     * @param path as an endpoint, its names encoded, with a query or without
     */
    public URI resource(String path) {
        int at = path.indexOf('?');
        if (at < 0 || query.isEmpty()) {
            return join(path);
        }
        return URI.create(join(path.substring(0, at)) + "&" + path.substring(at + 1));
    }

    /** Whether this is Azure's older surface, whose paths have no {@code /v1}. */
    public boolean isBareAzure() {
        return start.endsWith("/openai");
    }

    @Override
    public String toString() {
        return start;
    }
}
