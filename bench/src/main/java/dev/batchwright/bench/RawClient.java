package dev.batchwright.bench;

import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The limit of the live lane's own HTTP client: Apache HttpClient on virtual threads that send one
 * body again and again and throw the answers away. No engine, no limits, no store.
 *
 * <p>Arguments: URL, file with the body, calls at once, seconds of warm-up, seconds of measuring;
 * or instead of both the number of calls, in all, as a live lane run has one. Prints, separated by
 * blanks: answers per second while measuring, failed calls and answers in all.
 */
final class RawClient {
    private final CloseableHttpClient http;
    private final String url;
    private final ByteArrayEntity body;
    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);
    private volatile boolean over;

    private RawClient(String url, byte[] body, int connections) {
        this.url = url;
        this.body = new ByteArrayEntity(body, ContentType.APPLICATION_JSON);
        this.http =
                HttpClients.custom()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                                        .setMaxConnTotal(connections)
                                        .setMaxConnPerRoute(connections)
                                        .build())
                        .setDefaultRequestConfig(
                                RequestConfig.custom()
                                        .setConnectionRequestTimeout(Timeout.DISABLED)
                                        .build())
                        .disableAutomaticRetries()
                        .disableCookieManagement()
                        .build();
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        int connections = Integer.parseInt(arguments[2]);
        var client =
                new RawClient(arguments[0], Files.readAllBytes(Path.of(arguments[1])), connections);
        if (arguments.length == 4) {
            client.run(connections, Long.parseLong(arguments[3]));
            return;
        }
        Duration warmUp = Duration.ofSeconds(Long.parseLong(arguments[3]));
        Duration measured = Duration.ofSeconds(Long.parseLong(arguments[4]));
        client.run(connections, warmUp, measured);
    }

    private void run(int connections, Duration warmUp, Duration measured)
            throws InterruptedException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                threads.execute(this::callAgainAndAgain);
            }
            TimeUnit.NANOSECONDS.sleep(warmUp.toNanos());
            long before = answered.sum();
            long began = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(measured.toNanos());
            double seconds = (System.nanoTime() - began) / 1e9;
            long count = answered.sum() - before;
            over = true;
            System.out.println(count / seconds + " " + failed.sum() + " " + answered.sum());
        }
    }

    private void run(int connections, long calls) {
        left.set(calls);
        long began = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                threads.execute(this::callAgainAndAgain);
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.println(answered.sum() / seconds + " " + failed.sum() + " " + answered.sum());
    }

    private void callAgainAndAgain() {
        while (!over && left.getAndDecrement() > 0) {
            var request = new HttpPost(url);
            request.setEntity(body);
            try {
                int status =
                        http.execute(
                                request,
                                response -> {
                                    EntityUtils.consume(response.getEntity());
                                    return response.getCode();
                                });
                (status == 200 ? answered : failed).increment();
            } catch (IOException e) {
                failed.increment();
            }
        }
    }
}
