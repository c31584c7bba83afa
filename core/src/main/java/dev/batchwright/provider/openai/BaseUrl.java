package dev.batchwright.provider.openai;

import java.net.URI;
import java.util.Locale;
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
        URI uri = uri(text.strip());
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
        return new BaseUrl(
                origin(uri) + (path.isEmpty() ? barePath : path),
                uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    private static URI uri(String text) {
        try {
            URI uri = URI.create(text);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if (uri.getHost() != null
                    && uri.getUserInfo() == null
                    && (scheme.equals("https") || scheme.equals("http"))) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // The same answer as for an address of another kind.
        }
        throw new IllegalArgumentException(
                "is not the address of a server; write it as https://host/v1, without user or"
                        + " password");
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

    @Override
    public String toString() {
        return start;
    }
}
