package dev.batchwright.http;

import dev.batchwright.http.HttpResult.Broken;
import dev.batchwright.http.HttpResult.Redirected;
import dev.batchwright.http.HttpResult.Response;
import dev.batchwright.http.HttpResult.TimedOut;
import dev.batchwright.http.HttpResult.TooLarge;
import dev.batchwright.http.HttpResult.Unreachable;

import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.impl.io.MonitoringResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one HTTP client: a call goes out once, and whatever happens comes back as data.
 *
 * <p><b>Connections.</b> HTTP/1.1 over a pool without a lock (LAX), as many as there are calls at
 * once: concurrency is bounded by permits, not here. A connection that was idle for {@link
 * #UNCHECKED} is checked before it is used again, and one that was idle for {@link #IDLE} is not
 * used at all, unless the server named another time: most servers close idle connections after 5
 * seconds or more, and a call sent down a connection that the server is closing is lost. Nothing is
 * sent again here: only the retry policy may decide that, because the call may have been executed.
 *
 * <p><b>Time.</b> Socket timeouts count between two bytes, so a server that trickles would never
 * meet one. Instead one timer looks through all calls every {@link #LOOK} and cuts the connection
 * of those whose time, redirects included, is over: a queue of alarms, which nearly every call
 * would enter and leave again, costs more. An interrupt cuts at once.
 *
 * <p>A call that moves a file has no end but one of silence: {@link #upload}, {@link #download}.
 *
 * <p><b>Keys.</b> A redirect within the same origin is followed (307 and 308, for a GET also 301 to
 * 303), at most {@link #REDIRECTS} times; a download follows elsewhere too, without its headers.
 * Anything else is given back as {@link Redirected}, so a key never reaches a host that the user
 * did not name. No cookies, no stored logins.
 *
 * <p>Thread-safe. Meant for virtual threads; a call from a platform thread is made on a virtual one
 * for it, since only there an interrupt ends a blocked read.
 */
public final class HttpClient implements AutoCloseable {
    static final int REDIRECTS = 5;
    static final Duration IDLE = Duration.ofSeconds(4);
    // The check waits a millisecond for an end of stream: nothing against an idle tenth of a
    // second,
    // and busy connections never meet it.
    static final Duration UNCHECKED = Duration.ofMillis(100);
    static final Duration LOOK = Duration.ofMillis(50);
    // Set once the way to the server stands: an answer before that is a proxy's.
    private static final String SENT = "batchwright.sent";
    private static final int CONNECTIONS = 16_384;
    // How often a large body on its way looks whether the server has answered already. Over TLS a
    // look takes a millisecond.
    private static final int EARLY_ANSWER = 64 << 10;
    private static final int LARGEST_ANSWER = 256 << 20;
    private static final RequestConfig CONFIG =
            RequestConfig.custom()
                    .setConnectionRequestTimeout(Timeout.DISABLED)
                    .setConnectionKeepAlive(TimeValue.of(IDLE))
                    .setProtocolUpgradeEnabled(false)
                    .build();

    private final PoolingHttpClientConnectionManager connections;
    private final CloseableHttpClient client;
    private final DirectCalls direct;
    private final Proxies proxies;
    private final ScheduledThreadPoolExecutor timer;
    private final Set<Deadline> underWay = ConcurrentHashMap.newKeySet();
    private final int largestAnswer;

    public HttpClient(Proxies proxies) {
        this(proxies, LARGEST_ANSWER, UNCHECKED);
    }

    HttpClient(Proxies proxies, int largestAnswer, Duration unchecked) {
        this.largestAnswer = largestAnswer;
        this.connections = connections(unchecked);
        this.proxies = proxies;
        String userAgent = UserAgent.current();
        this.client = client(connections, proxies, userAgent);
        this.direct = new DirectCalls(connections, CONFIG, userAgent);
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("http-timer").factory());
        repeat(connections::closeExpired, IDLE);
        repeat(this::cutThoseOver, LOOK);
    }

    private void repeat(Runnable action, Duration pause) {
        ScheduledFuture<?> unused =
                timer.scheduleWithFixedDelay(
                        action, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void cutThoseOver() {
        long now = System.nanoTime();
        // Each on its own thread: a close that fails or waits must not keep other calls uncut.
        underWay.stream()
                .filter(deadline -> deadline.end - now <= 0 && !deadline.over)
                .forEach(deadline -> Thread.ofVirtual().start(deadline::cut));
    }

    private static PoolingHttpClientConnectionManager connections(Duration unchecked) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                .setMaxConnTotal(CONNECTIONS)
                .setMaxConnPerRoute(CONNECTIONS)
                .setConnectionFactory(
                        ManagedHttpClientConnectionFactory.builder()
                                .responseOutOfOrderStrategy(
                                        new MonitoringResponseOutOfOrderStrategy(EARLY_ANSWER))
                                .build())
                .setTlsSocketStrategy(DefaultClientTlsStrategy.createDefault())
                .setDefaultSocketConfig(
                        SocketConfig.custom()
                                .setSoTimeout(Timeout.DISABLED)
                                .setSoKeepAlive(true)
                                .build())
                .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.ofSeconds(10))
                                .setSocketTimeout(Timeout.DISABLED)
                                .setValidateAfterInactivity(TimeValue.of(unchecked))
                                .build())
                .build();
    }

    private static CloseableHttpClient client(
            PoolingHttpClientConnectionManager connections, Proxies proxies, String userAgent) {
        var logins = new BasicCredentialsProvider();
        for (Proxies.Server proxy : proxies.servers()) {
            proxy.login()
                    .ifPresent(
                            login ->
                                    logins.setCredentials(
                                            new AuthScope(proxy.host(), proxy.port()),
                                            new UsernamePasswordCredentials(
                                                    login.user(), login.password().toCharArray())));
        }
        return HttpClientBuilder.create()
                .setConnectionManager(connections)
                .setProxySelector(proxies)
                .setDefaultCredentialsProvider(logins)
                .setDefaultRequestConfig(CONFIG)
                .setUserAgent(userAgent)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .addExecInterceptorAfter(
                        ChainElement.CONNECT.name(),
                        SENT,
                        (request, scope, chain) -> {
                            scope.clientContext.setAttribute(SENT, true);
                            return chain.proceed(request, scope);
                        })
                .build();
    }

    /**
     * Makes the call once and reads the whole answer.
     *
     * @throws InterruptedException if the calling thread is interrupted; the connection is closed
     * @throws UncheckedIOException if the call's own body can't be read
     */
    public HttpResult send(HttpCall call, Duration timeout) throws InterruptedException {
        return call(call, new Deadline(timeout, false), Landing.MEMORY);
    }

    /**
     * As {@link #send}, but a redirect is the answer: some APIs tell addresses by it. Nobody is
     * followed anywhere.
     */
    public HttpResult sendHere(HttpCall call, Duration timeout) throws InterruptedException {
        return call(call, new Deadline(timeout, false), Landing.HERE);
    }

    /**
     * As {@link #send}, for a body that may take however long the line needs. An answer that comes
     * before all is sent, since the server does not want it, ends the sending.
     *
     * @param stall the longest time without a byte sent or received, which is also how long the
     *     server may think once it has all
     */
    public HttpResult upload(HttpCall call, Duration stall) throws InterruptedException {
        return call(call, new Deadline(stall, true), Landing.MEMORY);
    }

    /**
     * Makes the call, a GET, and streams the body of a 2xx answer into {@code out}, which is not
     * closed; any other answer is read whole. A 2xx {@link Response} comes with an empty body, and
     * only if the answer's body ended as it should: by its length or its last chunk. Whatever else
     * comes back, what was written stays written.
     *
     * <p>A redirect to another server is followed too, without any of the call's headers: results
     * lie behind signed addresses at many providers, and a key never goes there. Never from https
     * to http.
     *
     * @param skip how many bytes to leave out at the start of the body, unpacked; an answer that
     *     has fewer is {@link Broken}
     * @param stall the longest silence between two bytes; there is no limit for the whole
     * @throws UncheckedIOException with what {@code out} threw; other exceptions of it come as they
     *     are
     */
    public HttpResult download(HttpCall call, long skip, OutputStream out, Duration stall)
            throws InterruptedException {
        return call(call, new Deadline(stall, true), new Landing.Stream(out, skip));
    }

    // Only on a virtual thread an interrupt ends a blocked read.
    private HttpResult call(HttpCall call, Deadline deadline, Landing landing)
            throws InterruptedException {
        if (Thread.currentThread().isVirtual()) {
            return exchange(call, deadline, landing);
        }
        var task = new FutureTask<>(() -> exchange(call, deadline, landing));
        Thread thread = Thread.ofVirtual().start(task);
        try {
            return task.get();
        } catch (InterruptedException interrupted) {
            thread.interrupt();
            throw interrupted;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException own
                    ? own
                    : new IllegalStateException(e.getCause());
        }
    }

    private HttpResult exchange(HttpCall call, Deadline deadline, Landing landing)
            throws InterruptedException {
        try (deadline) {
            deadline.start();
            HttpCall next = call;
            for (int redirects = 0; ; redirects++) {
                HttpResult result = once(next, deadline, landing);
                Optional<URI> target = redirection(next.uri(), result);
                if (target.isEmpty() || landing instanceof Landing.Here) {
                    return result;
                }
                int status = ((Response) result).status();
                Optional<HttpCall> following = following(next, status, target.get(), landing);
                if (redirects == REDIRECTS || following.isEmpty()) {
                    return new Redirected(status, origin(target.get()));
                }
                next = following.get();
            }
        } catch (OwnFailure own) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw own.unchecked();
        }
    }

    private HttpResult once(HttpCall call, Deadline deadline, Landing landing)
            throws InterruptedException {
        try {
            HttpResult result =
                    isDirect(call.uri(), landing)
                            ? direct(call, deadline)
                            : byChain(call, deadline, landing);
            return result == null ? new TimedOut(deadline.timeout) : result;
        } catch (BodyReader.TooLargeException e) {
            return new TooLarge(largestAnswer);
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return deadline.over ? new TimedOut(deadline.timeout) : HttpFailures.of(e);
        } catch (IllegalStateException endedUnderway) {
            // What Apache throws when a call is cut before its connection stands, or the pool is
            // shut down under it.
            return deadline.over
                    ? new TimedOut(deadline.timeout)
                    : new Broken("the client was closed");
        }
    }

    private boolean isDirect(URI uri, Landing landing) {
        return !(landing instanceof Landing.Stream)
                && DirectCalls.can(uri)
                && proxies.server(uri).isEmpty();
    }

    private @Nullable HttpResult direct(HttpCall call, Deadline deadline) throws IOException {
        return direct.make(
                call,
                call.body().length() > 0 ? new CallEntity(call.body(), deadline::progress) : null,
                deadline::watch,
                response -> {
                    deadline.progress();
                    return whole(response);
                });
    }

    private Response whole(ClassicHttpResponse response) throws IOException {
        return new Response(
                response.getCode(),
                headers(response),
                BodyReader.read(response.getEntity(), largestAnswer));
    }

    private @Nullable HttpResult byChain(HttpCall call, Deadline deadline, Landing landing)
            throws IOException {
        HttpUriRequestBase request = new HttpUriRequestBase(call.method(), call.uri());
        call.headers().all().forEach(header -> request.addHeader(header.name(), header.value()));
        if (call.body().length() > 0) {
            request.setEntity(new CallEntity(call.body(), deadline::progress));
        }
        if (!deadline.watch(request::cancel)) {
            return null;
        }
        var context = HttpClientContext.create();
        return client.execute(
                request,
                context,
                response ->
                        context.getAttribute(SENT) == null
                                ? refusedByProxy(response)
                                : read(response, request, deadline, landing));
    }

    private HttpResult read(
            ClassicHttpResponse response,
            HttpUriRequestBase request,
            Deadline deadline,
            Landing landing)
            throws IOException {
        deadline.progress();
        int status = response.getCode();
        boolean whole = false;
        try {
            HttpResult result =
                    landing instanceof Landing.Stream stream && status >= 200 && status < 300
                            ? stream.read(response, headers(response), deadline::progress)
                            : whole(response);
            whole = true;
            return result;
        } finally {
            // Else Apache would read what is left of it, however far that is.
            if (!whole) {
                request.cancel();
            }
        }
    }

    private static HttpResult refusedByProxy(ClassicHttpResponse response) {
        return new Unreachable(
                "the proxy refused the connection (HTTP %d)".formatted(response.getCode()));
    }

    private static Headers headers(ClassicHttpResponse response) {
        var headers = new ArrayList<Headers.Header>();
        for (var header : response.getHeaders()) {
            if (header.getValue() != null) {
                headers.add(new Headers.Header(header.getName(), header.getValue()));
            }
        }
        return new Headers(headers);
    }

    private static Optional<URI> redirection(URI from, HttpResult result) {
        if (!(result instanceof Response response)
                || response.status() < 301
                || response.status() > 308
                || response.status() == 304) {
            return Optional.empty();
        }
        try {
            return response.headers().first("location").map(from::resolve).filter(URI::isAbsolute);
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    private static Optional<HttpCall> following(
            HttpCall call, int status, URI to, Landing landing) {
        boolean get = call.method().equals("GET");
        if (!get && status != 307 && status != 308) {
            return Optional.empty();
        }
        if (origin(call.uri()).equals(origin(to))) {
            return Optional.of(new HttpCall(call.method(), to, call.headers(), call.body()));
        }
        boolean bare = "https".equals(call.uri().getScheme()) && !"https".equals(to.getScheme());
        return get && landing instanceof Landing.Stream && !bare
                ? Optional.of(new HttpCall("GET", to, Headers.NONE, Body.none()))
                : Optional.empty();
    }

    private static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }

    /** Cuts off calls in flight. */
    @Override
    public void close() {
        timer.shutdownNow();
        client.close(CloseMode.IMMEDIATE);
        connections.close(CloseMode.IMMEDIATE);
    }

    /**
     * The end of a call's time, or of its silence. Who cuts it and the call's own thread meet under
     * its lock.
     */
    private final class Deadline implements AutoCloseable {
        final Duration timeout;
        private final boolean ofSilence;
        private volatile long end;
        private volatile boolean over;
        private Runnable cut = () -> {};

        /**
         * @param ofSilence whether every byte puts it off
         */
        Deadline(Duration timeout, boolean ofSilence) {
            this.timeout = timeout;
            this.ofSilence = ofSilence;
        }

        void start() {
            end = System.nanoTime() + timeout.toNanos();
            underWay.add(this);
        }

        void progress() {
            if (ofSilence) {
                end = System.nanoTime() + timeout.toNanos();
            }
        }

        private synchronized void cut() {
            over = true;
            cut.run();
        }

        /** Has a call cut so when the time is over; false if it is over already. */
        synchronized boolean watch(Runnable howToCut) {
            cut = howToCut;
            return !over;
        }

        @Override
        public void close() {
            underWay.remove(this);
        }
    }
}
