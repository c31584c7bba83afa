package dev.batchwright.http;

import dev.batchwright.config.Environment;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The proxy for an address, by the variables that other tools read: {@code HTTPS_PROXY}, {@code
 * HTTP_PROXY}, {@code ALL_PROXY} and {@code NO_PROXY}, in upper or lower case. As with Go's tools,
 * {@code localhost} and loopback addresses never go through a proxy.
 *
 * <p>{@code NO_PROXY} lists hosts ({@code example.com} covers its subdomains, a leading dot or
 * {@code *.} is allowed), with a port where wanted, or {@code *} for all.
 */
public final class Proxies extends ProxySelector {
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.[0-9.]+|\\[?::1]?");

    /** Where a proxy is, and as whom to speak to it. */
    public record Server(String host, int port, Optional<Login> login) {
        public record Login(String user, String password) {
            @Override
            public String toString() {
                return user;
            }
        }
    }

    private final Optional<Server> forHttps;
    private final Optional<Server> forHttp;
    private final List<String> exceptions;

    private Proxies(Optional<Server> forHttps, Optional<Server> forHttp, List<String> exceptions) {
        this.forHttps = forHttps;
        this.forHttp = forHttp;
        this.exceptions = List.copyOf(exceptions);
    }

    /**
     * @throws IllegalArgumentException if a variable holds no address of an HTTP proxy
     */
    public static Proxies of(Environment environment) {
        var exceptions = new ArrayList<String>();
        for (String host : either(environment, "NO_PROXY").orElse("").split("[,\\s]+", -1)) {
            if (!host.isEmpty()) {
                exceptions.add(host.toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""));
            }
        }
        return new Proxies(
                server(environment, "HTTPS_PROXY"), server(environment, "HTTP_PROXY"), exceptions);
    }

    private static Optional<String> either(Environment environment, String name) {
        return environment.get(name).or(() -> environment.get(name.toLowerCase(Locale.ROOT)));
    }

    private static Optional<Server> server(Environment environment, String name) {
        return either(environment, name)
                .map(value -> parse(name, value))
                .or(() -> either(environment, "ALL_PROXY").map(value -> parse("ALL_PROXY", value)));
    }

    private static Server parse(String variable, String value) {
        try {
            URI uri = URI.create(value.contains("://") ? value : "http://" + value);
            if (uri.getHost() != null && "http".equalsIgnoreCase(uri.getScheme())) {
                return new Server(
                        uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), login(uri));
            }
        } catch (IllegalArgumentException notAnAddress) {
            // Told below, in our words: the exception's own text would show a password.
        }
        throw new IllegalArgumentException(
                "The variable %s does not hold the address of an HTTP proxy. Write it as http://host:port or http://user:password@host:port; other kinds of proxy are not supported."
                        .formatted(variable));
    }

    private static Optional<Server.Login> login(URI uri) {
        String userInfo = uri.getUserInfo();
        if (userInfo == null) {
            return Optional.empty();
        }
        String[] parts = userInfo.split(":", 2);
        return Optional.of(new Server.Login(parts[0], parts.length == 2 ? parts[1] : ""));
    }

    List<Server> servers() {
        return Stream.of(forHttps, forHttp).flatMap(Optional::stream).toList();
    }

    Optional<Server> server(URI target) {
        String host = target.getHost();
        if (host == null || isException(host.toLowerCase(Locale.ROOT), target.getPort())) {
            return Optional.empty();
        }
        return "https".equalsIgnoreCase(target.getScheme()) ? forHttps : forHttp;
    }

    private boolean isException(String host, int port) {
        if (LOOPBACK.matcher(host).matches() || exceptions.contains("*")) {
            return true;
        }
        return exceptions.stream()
                .anyMatch(
                        exception ->
                                covers(exception, host) || covers(exception, host + ":" + port));
    }

    private static boolean covers(String exception, String host) {
        return host.equals(exception) || host.endsWith("." + exception);
    }

    @Override
    public List<Proxy> select(URI target) {
        return server(target)
                .map(
                        server ->
                                new Proxy(
                                        Proxy.Type.HTTP,
                                        InetSocketAddress.createUnresolved(
                                                server.host(), server.port())))
                .map(List::of)
                .orElseGet(() -> List.of(Proxy.NO_PROXY));
    }

    @Override
    public void connectFailed(
            @Nullable URI target, @Nullable SocketAddress address, @Nullable IOException cause) {
        // The call's own result tells; there is no second proxy to turn to.
    }
}
