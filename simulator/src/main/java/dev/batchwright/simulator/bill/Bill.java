package dev.batchwright.simulator.bill;

import dev.batchwright.simulator.wire.RequestHash;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * What a provider would have charged, per distinct request: the judge of every campaign.
 *
 * <p>A request that arrives is counted at once. Then it is either refused (not run: wrong, over a
 * limit, or a fault that strikes before execution), or it runs and ends in one of three ways:
 * <em>executed</em>, its whole answer handed to the connection; <em>spoiled</em>, run but answered
 * by a fault in a way that is of no use; <em>abandoned</em>, run, but the client was gone before
 * the answer could be sent. A real provider charges for all three.
 *
 * <p>Rows of batches are counted apart, when they are executed, with half the price.
 *
 * <p>Requests are told apart by the first 64 bits of their {@link RequestHash}. Thread-safe.
 * Executions are counted before the answer is sent, so that a client that has its answer finds it
 * on the bill.
 */
public final class Bill {
    private static final int STRIPES = 64;

    private final ExecutionTable[] tables = new ExecutionTable[STRIPES]; // each under its own lock
    private final ArrivalLog arrivals = new ArrivalLog();
    private final ArrivalLog acceptances = new ArrivalLog();
    private final LongAdder arrived = new LongAdder();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder executed = new LongAdder();
    private final LongAdder abandoned = new LongAdder();
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder completionTokens = new LongAdder();
    private final ConcurrentMap<String, LongAdder> refused = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, LongAdder> spoiled = new ConcurrentHashMap<>();
    private final LongAdder batched = new LongAdder();
    private final LongAdder batchPromptTokens = new LongAdder();
    private final LongAdder batchCompletionTokens = new LongAdder();
    private final LongAdder leaked = new LongAdder();
    private final Price price;
    private volatile Supplier<List<BatchEntry>> batches = List::of;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();

    /** A bill without prices. */
    public Bill() {
        this(Price.NONE);
    }

    public Bill(Price price) {
        this.price = price;
        for (int i = 0; i < STRIPES; i++) {
            tables[i] = new ExecutionTable();
        }
    }

    // Written by the server, in the order in which a request lives.

    /** A request came in, whatever will become of it. */
    public void arrived(Instant at) {
        arrived.increment();
        arrivals.add(at);
    }

    /** It is valid. Tells which attempt of this request it is, from 1. */
    public int attempted(RequestHash request) {
        ExecutionTable table = table(request.id());
        synchronized (table) {
            return table.attempted(request.id());
        }
    }

    /** It was not run. */
    public void refused(String label) {
        refused.computeIfAbsent(label, any -> new LongAdder()).increment();
    }

    /** Key and limits let it in; it is in flight until {@link #left()}. */
    public void accepted(Instant at) {
        accepted.increment();
        acceptances.add(at);
        int now = running.incrementAndGet();
        if (now > mostRunning.get()) {
            mostRunning.accumulateAndGet(now, Math::max);
        }
    }

    /** Its answer is on its way, or its client is gone. */
    public void left() {
        running.decrementAndGet();
    }

    public void executed(RequestHash request, long prompt, long completion) {
        executed.increment();
        promptTokens.add(prompt);
        completionTokens.add(completion);
        ExecutionTable table = table(request.id());
        synchronized (table) {
            table.executed(request.id());
        }
    }

    public void spoiled(RequestHash request, String label, long prompt, long completion) {
        spoiled.computeIfAbsent(label, any -> new LongAdder()).increment();
        lost(request, prompt, completion);
    }

    public void abandoned(RequestHash request, long prompt, long completion) {
        abandoned.increment();
        lost(request, prompt, completion);
    }

    private void lost(RequestHash request, long prompt, long completion) {
        promptTokens.add(prompt);
        completionTokens.add(completion);
        ExecutionTable table = table(request.id());
        synchronized (table) {
            table.spoiled(request.id());
        }
    }

    /** It was executed as a row of a batch. */
    public void executedInBatch(RequestHash request, long prompt, long completion) {
        batched.increment();
        batchPromptTokens.add(prompt);
        batchCompletionTokens.add(completion);
        ExecutionTable table = table(request.id());
        synchronized (table) {
            table.executedInBatch(request.id());
        }
    }

    /** A client sent its key to an address that must not get it. */
    public void leaked() {
        leaked.increment();
    }

    /** Takes what lists the batches; listing them executes what is due by now. */
    public void listBatches(Supplier<List<BatchEntry>> listing) {
        batches = listing;
    }

    // Read by tests and by the status address.

    /** Requests of every kind that came in. */
    public long arrived() {
        return arrived.sum();
    }

    /** Requests that key, checks and limits let in. */
    public long accepted() {
        return accepted.sum();
    }

    public long executed() {
        return executed.sum();
    }

    /** Runs that a fault made useless. */
    public long spoiled() {
        return spoiled.values().stream().mapToLong(LongAdder::sum).sum();
    }

    public long abandoned() {
        return abandoned.sum();
    }

    /** Requests that were not run. */
    public long refused() {
        return refused.values().stream().mapToLong(LongAdder::sum).sum();
    }

    /** Requests that were not run for this reason, like {@code 429 requests}. */
    public long refusedAs(String label) {
        LongAdder count = refused.get(label);
        return count == null ? 0 : count.sum();
    }

    public Map<String, Long> refusedByReason() {
        return sums(refused);
    }

    public Map<String, Long> spoiledByFault() {
        return sums(spoiled);
    }

    /** Tokens of everything that was run, whether or not it was of use. */
    public long promptTokens() {
        return promptTokens.sum();
    }

    public long completionTokens() {
        return completionTokens.sum();
    }

    /** Accepted requests in flight now. */
    public int running() {
        return running.get();
    }

    /** The most accepted requests that were ever in flight at once. */
    public int mostRunning() {
        return mostRunning.get();
    }

    /** Distinct valid requests that arrived live. */
    public long distinct() {
        return histogram().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Distinct requests that were executed live more than once. */
    public long executedTwice() {
        return moreThanOnce(histogram());
    }

    /** How many distinct requests were executed live how often: executions to requests. */
    public NavigableMap<Integer, Long> histogram() {
        var histogram = new TreeMap<Integer, Long>();
        forEach(
                (id, count) -> {
                    if (count.attempts() > 0) {
                        histogram.merge(count.executed(), 1L, Long::sum);
                    }
                });
        return histogram;
    }

    /** Rows of batches that were executed. */
    public long executedInBatches() {
        settle();
        return batched.sum();
    }

    /** How many distinct requests were executed in batches how often: executions to requests. */
    public NavigableMap<Integer, Long> batchHistogram() {
        settle();
        var histogram = new TreeMap<Integer, Long>();
        forEach(
                (id, count) -> {
                    if (count.inBatches() > 0) {
                        histogram.merge(count.inBatches(), 1L, Long::sum);
                    }
                });
        return histogram;
    }

    /** Distinct requests that were executed in batches more than once. */
    public long executedTwiceInBatches() {
        return moreThanOnce(batchHistogram());
    }

    /** Distinct requests that were executed more than once, live and in batches together. */
    public long executedTwiceAnywhere() {
        settle();
        var found = new long[1];
        forEach((id, count) -> found[0] += count.executed() + count.inBatches() > 1 ? 1 : 0);
        return found[0];
    }

    public long batchPromptTokens() {
        settle();
        return batchPromptTokens.sum();
    }

    public long batchCompletionTokens() {
        settle();
        return batchCompletionTokens.sum();
    }

    /** Every batch that was created and not deleted, in the order of creation, as of now. */
    public List<BatchEntry> batches() {
        return batches.get();
    }

    /** How often a client sent its key to an address that must not get it. */
    public long keysLeaked() {
        return leaked.sum();
    }

    public Price price() {
        return price;
    }

    /** Executes what is due by now. */
    @SuppressWarnings("ReturnValueIgnored") // looking is what does it
    private void settle() {
        batches.get();
    }

    private static long moreThanOnce(NavigableMap<Integer, Long> histogram) {
        return histogram.tailMap(2, true).values().stream().mapToLong(Long::longValue).sum();
    }

    public RequestCount count(RequestHash request) {
        return count(request.id());
    }

    RequestCount count(long id) {
        ExecutionTable table = table(id);
        synchronized (table) {
            return table.count(id);
        }
    }

    void forEach(ExecutionTable.Visitor visitor) {
        for (ExecutionTable table : tables) {
            synchronized (table) {
                table.forEach(visitor);
            }
        }
    }

    /** Every request that came in, over time. */
    public ArrivalLog arrivals() {
        return arrivals;
    }

    /** Every request that was let in, over time. */
    public ArrivalLog acceptances() {
        return acceptances;
    }

    /**
     * The most requests that were let in within any span of this length; see {@link ArrivalLog}.
     */
    public long maxIn(Duration window) {
        return acceptances.maxIn(window);
    }

    /** Forgets everything but what is in flight, and the batches that exist. */
    public void reset() {
        for (ExecutionTable table : tables) {
            synchronized (table) {
                table.clear();
            }
        }
        arrivals.clear();
        acceptances.clear();
        arrived.reset();
        accepted.reset();
        executed.reset();
        abandoned.reset();
        promptTokens.reset();
        completionTokens.reset();
        batched.reset();
        batchPromptTokens.reset();
        batchCompletionTokens.reset();
        leaked.reset();
        refused.clear();
        spoiled.clear();
        mostRunning.set(running.get());
    }

    private ExecutionTable table(long id) {
        return tables[(int) (id >>> 58)];
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counts) {
        var result = new TreeMap<String, Long>();
        counts.forEach((label, count) -> result.put(label, count.sum()));
        return result;
    }
}
