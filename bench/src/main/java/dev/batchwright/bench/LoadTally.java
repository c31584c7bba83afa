package dev.batchwright.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What became of calls. Thread-safe. */
final class LoadTally {
    private final int calls;
    private final long began = System.nanoTime();
    private final long beganMillis = System.currentTimeMillis();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger right = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final AtomicInteger broken = new AtomicInteger();
    private final Map<Integer, LongAdder> wrong = new ConcurrentHashMap<>(); // By status.
    private final LongAccumulator firstAnswer = new LongAccumulator(Math::min, Long.MAX_VALUE);
    private final LongAccumulator lastAnswer = new LongAccumulator(Math::max, 0);
    private final long[] took; // Of each call, written by the thread that has it.
    private final CountDownLatch answered;

    LoadTally(int calls) {
        this.calls = calls;
        this.took = new long[calls];
        this.answered = new CountDownLatch(calls);
    }

    /** The next call to be made for the first time; -1 if there is none. */
    int next() {
        int call = next.getAndIncrement();
        return call < calls ? call : -1;
    }

    void sent() {
        if (sent.incrementAndGet() == calls) {
            System.out.printf(
                    Locale.ROOT, "{\"event\":\"all_sent\",\"at\":%.3f}%n", at(System.nanoTime()));
        }
    }

    void answered(int call, boolean isRight, int status, long since) {
        long now = System.nanoTime();
        took[call] = now - since;
        firstAnswer.accumulate(now - began);
        lastAnswer.accumulate(now - began);
        if (isRight) {
            right.incrementAndGet();
        } else {
            wrong.computeIfAbsent(status, any -> new LongAdder()).increment();
        }
        answered.countDown();
    }

    /** A call has to be made again, because it was refused for now. */
    void refused() {
        refused.increment();
    }

    /** A call has to be made again, because its connection broke, or there was none. */
    void broken(Throwable cause) {
        if (broken.getAndIncrement() == 0) {
            System.err.println("The first that broke: " + cause);
        }
    }

    boolean await(long seconds) throws InterruptedException {
        return answered.await(seconds, TimeUnit.SECONDS);
    }

    private double at(long nanos) {
        return beganMillis / 1e3 + (nanos - began) / 1e9;
    }

    /** All of it, as one line of JSON. */
    String report() {
        long left = answered.getCount();
        long[] sorted = Arrays.stream(took).filter(time -> time > 0).sorted().toArray();
        double seconds = lastAnswer.get() / 1e9;
        String others =
                new TreeMap<>(wrong)
                        .entrySet().stream()
                                .map(each -> "\"%d\":%s".formatted(each.getKey(), each.getValue()))
                                .collect(Collectors.joining(",", "{", "}"));
        return String.format(
                Locale.ROOT,
                "{\"event\":\"over\",\"calls\":%d,\"right\":%d,\"wrong\":%s,\"failed\":%d,"
                    + "\"refused\":%d,\"broken\":%d,\"began\":%.3f,\"first_answer\":%.3f,"
                    + "\"last_answer\":%.3f,\"per_second\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}",
                calls,
                right.get(),
                others,
                left,
                refused.sum(),
                broken.get(),
                at(began),
                at(began + Math.min(firstAnswer.get(), lastAnswer.get())),
                at(began + lastAnswer.get()),
                seconds == 0 ? 0 : (calls - left) / seconds,
                quantile(sorted, 0.5),
                quantile(sorted, 0.99));
    }

    private static double quantile(long[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) (share * (sorted.length - 1))] / 1e6;
    }
}
