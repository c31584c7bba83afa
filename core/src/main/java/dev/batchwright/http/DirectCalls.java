package dev.batchwright.http;

import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Calls straight to their server: a connection of the pool, a request, an answer. What Apache's
 * chain of executors does beside that (proxies, logins, cookies, redirects, retries) is not needed
 * there, and took as much time of each call as writing and reading it.
 *
 * <p>Thread-safe.
 */
final class DirectCalls {
    private static final String ID = "call";

    private final HttpClientConnectionManager connections;
    private final RequestConfig config;
    private final String userAgent;
    private final HttpRequestExecutor executor = new HttpRequestExecutor();
    private final Map<Origin, HttpRoute> routes = new ConcurrentHashMap<>();

    private record Origin(String scheme, String authority) {}

    /** Reads an answer; what it leaves of the body costs the connection. */
    @FunctionalInterface
    interface Reader {
        HttpResult read(ClassicHttpResponse response) throws IOException;
    }

    /** Told how a call can be cut, before it begins; says whether it may begin. */
    @FunctionalInterface
    interface Watch {
        boolean begins(Runnable cut);
    }

    DirectCalls(HttpClientConnectionManager connections, RequestConfig config, String userAgent) {
        this.connections = connections;
        this.config = config;
        this.userAgent = userAgent;
    }

    /** Whether this is an address of the common form. */
    static boolean can(URI uri) {
        return uri.getHost() != null && uri.getRawUserInfo() == null && uri.getScheme() != null;
    }

    /**
     * Makes the call.
     *
     * @return the answer as read; nothing if the watch did not let it begin
     */
    @Nullable HttpResult make(HttpCall call, @Nullable HttpEntity body, Watch watch, Reader reader)
            throws IOException {
        ConnectionEndpoint endpoint = lease(route(call.uri()));
        TimeValue keep = null;
        try {
            if (!watch.begins(() -> endpoint.close(CloseMode.IMMEDIATE))) {
                return null;
            }
            var context = HttpClientContext.create();
            context.setRequestConfig(config);
            if (!endpoint.isConnected()) {
                connections.connect(endpoint, null, context);
            }
            ClassicHttpRequest request = request(call, body);
            ClassicHttpResponse response =
                    endpoint.execute(ID, request, executor::execute, context);
            HttpResult result = reader.read(response);
            keep = reusable(request, response, context);
            return result;
        } catch (HttpException broken) {
            throw new IOException(broken.getMessage(), broken);
        } finally {
            giveBack(endpoint, keep);
        }
    }

    private ConnectionEndpoint lease(HttpRoute route) throws IOException {
        try {
            return connections.lease(ID, route, Timeout.DISABLED, null).get(Timeout.DISABLED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no connection: " + e.getMessage(), e);
        }
    }

    private static @Nullable TimeValue reusable(
            ClassicHttpRequest request, ClassicHttpResponse response, HttpContext context) {
        return DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)
                ? DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(
                        response, context)
                : null;
    }

    private void giveBack(ConnectionEndpoint endpoint, @Nullable TimeValue keep) {
        if (keep != null) {
            connections.release(endpoint, null, keep);
            return;
        }
        endpoint.close(CloseMode.IMMEDIATE);
        connections.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
    }

    private HttpRoute route(URI uri) {
        return routes.computeIfAbsent(
                new Origin(uri.getScheme(), uri.getRawAuthority()), origin -> routeTo(uri));
    }

    private static HttpRoute routeTo(URI uri) {
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("https");
        int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
        return new HttpRoute(new HttpHost(scheme, uri.getHost(), port), null, secure);
    }

    private ClassicHttpRequest request(HttpCall call, @Nullable HttpEntity body) {
        URI uri = call.uri();
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery();
        var request =
                new BasicClassicHttpRequest(
                        call.method(), query == null ? path : path + "?" + query);
        request.addHeader(HttpHeaders.HOST, uri.getRawAuthority());
        call.headers().all().forEach(header -> request.addHeader(header.name(), header.value()));
        if (body != null) {
            request.setEntity(body);
            request.addHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(body.getContentLength()));
            addUnlessThere(request, HttpHeaders.CONTENT_TYPE, body.getContentType());
        } else if (!call.method().equals("GET")) {
            request.addHeader(HttpHeaders.CONTENT_LENGTH, "0");
        }
        addUnlessThere(request, HttpHeaders.ACCEPT_ENCODING, BodyReader.ENCODINGS);
        addUnlessThere(request, HttpHeaders.USER_AGENT, userAgent);
        return request;
    }

    private static void addUnlessThere(ClassicHttpRequest request, String name, String value) {
        if (!request.containsHeader(name)) {
            request.addHeader(name, value);
        }
    }
}
