package dev.batchwright.simulator;

import dev.batchwright.simulator.fault.FaultRule;
import dev.batchwright.simulator.fault.Latency;
import dev.batchwright.simulator.fault.Span;
import dev.batchwright.simulator.limit.Burst;
import dev.batchwright.simulator.limit.HeaderForm;
import dev.batchwright.simulator.limit.Limits;
import dev.batchwright.simulator.limit.RetryAfter;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * How a simulator behaves.
 *
 * @param host the address to listen on
 * @param port 0 for any free port
 * @param eventLoops threads that serve connections, 1 to 64
 * @param key the only key that is accepted; "" accepts any and none
 * @param models the models that exist; empty: every name does
 * @param snapshots whether answers name a dated snapshot instead of the model asked for
 * @param seed of everything that is left to chance
 * @param latency before each answer
 * @param tokenTime more latency for each token of the answer; a stream is spread over it
 * @param faults in the order in which they are tried
 * @param limits what is enforced, per key and model
 * @param retryAfter how refusals tell for how long to wait
 * @param headers which rate limit headers replies carry
 * @param maxBodyBytes larger requests are refused with 413
 * @param compression whether requests and replies may be compressed
 * @param clock the time for limits, the bill and dates; not for latency, which is real
 */
public record SimulatorOptions(
        String host,
        int port,
        int eventLoops,
        String key,
        List<String> models,
        boolean snapshots,
        long seed,
        Latency latency,
        Duration tokenTime,
        List<FaultRule> faults,
        Limits limits,
        RetryAfter retryAfter,
        HeaderForm headers,
        long maxBodyBytes,
        boolean compression,
        InstantSource clock) {

    public SimulatorOptions {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port is 0 (any free one) to 65535, not " + port);
        }
        if (eventLoops < 1 || eventLoops > 64) {
            throw new IllegalArgumentException("event loops are 1 to 64, not " + eventLoops);
        }
        if (maxBodyBytes < 1) {
            throw new IllegalArgumentException("the largest body is at least 1 byte");
        }
        models = List.copyOf(models);
        faults = List.copyOf(faults);
    }

    /** No faults, no limits, no latency, any key, any free port of 127.0.0.1. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Builds options. Methods that take a text throw {@link IllegalArgumentException}, with a
     * message for users that says what is wrong and what is accepted. Not thread-safe.
     */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private int eventLoops = Math.min(64, Runtime.getRuntime().availableProcessors());
        private String key = "";
        private List<String> models = List.of();
        private boolean snapshots;
        private long seed = 1;
        private Latency latency = new Latency.Fixed(Duration.ZERO);
        private Duration tokenTime = Duration.ZERO;
        private final List<FaultRule> faults = new ArrayList<>();
        private long requestsPerMinute;
        private long requestsPerDay;
        private long tokensPerMinute;
        private int concurrency;
        private Burst burst = Burst.MINUTE;
        private int overloadStatus = 429;
        private RetryAfter retryAfter = RetryAfter.BOTH;
        private HeaderForm headers = HeaderForm.OPENAI;
        private long maxBodyBytes = 64L * 1024 * 1024;
        private boolean compression;
        private InstantSource clock = new SteadyClock();

        private Builder() {}

        public Builder host(String value) {
            host = value;
            return this;
        }

        /** 0 for any free port. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        public Builder eventLoops(int value) {
            eventLoops = value;
            return this;
        }

        /** The only key that is accepted; "" accepts any and none. */
        public Builder key(String value) {
            key = value;
            return this;
        }

        /** The only models that exist. */
        public Builder models(List<String> value) {
            models = value;
            return this;
        }

        public Builder snapshots(boolean value) {
            snapshots = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder latency(Latency value) {
            latency = value;
            return this;
        }

        /** See {@link Latency#parse}. */
        public Builder latency(String text) {
            return latency(Latency.parse(text));
        }

        public Builder tokenTime(Duration value) {
            tokenTime = value;
            return this;
        }

        /** See {@link Span#parse}. */
        public Builder tokenTime(String text) {
            return tokenTime(Span.parse(text));
        }

        /** Adds a rule. */
        public Builder fault(FaultRule rule) {
            faults.add(rule);
            return this;
        }

        /** Adds a rule; see {@link FaultRule#parse}. */
        public Builder fault(String text) {
            return fault(FaultRule.parse(text));
        }

        /** Requests per minute; 0: no limit. */
        public Builder rpm(long value) {
            requestsPerMinute = value;
            return this;
        }

        /** Requests per day; 0: no limit. */
        public Builder rpd(long value) {
            requestsPerDay = value;
            return this;
        }

        /** Tokens per minute; 0: no limit. */
        public Builder tpm(long value) {
            tokensPerMinute = value;
            return this;
        }

        /** Requests in flight; 0: no limit. */
        public Builder concurrency(int value) {
            concurrency = value;
            return this;
        }

        public Builder burst(Burst value) {
            burst = value;
            return this;
        }

        /** {@code minute} or {@code second}. */
        public Builder burst(String text) {
            return burst(Burst.parse(text));
        }

        /** The status above the concurrency: 429 or 503. */
        public Builder overloadStatus(int value) {
            overloadStatus = value;
            return this;
        }

        public Builder retryAfter(RetryAfter value) {
            retryAfter = value;
            return this;
        }

        /** {@code seconds}, {@code date}, {@code ms}, {@code both}, {@code none}, {@code mixed}. */
        public Builder retryAfter(String text) {
            return retryAfter(RetryAfter.parse(text));
        }

        public Builder headers(HeaderForm value) {
            headers = value;
            return this;
        }

        /** {@code openai}, {@code groq} or {@code none}. */
        public Builder headers(String text) {
            return headers(HeaderForm.parse(text));
        }

        public Builder maxBodyBytes(long value) {
            maxBodyBytes = value;
            return this;
        }

        public Builder compression(boolean value) {
            compression = value;
            return this;
        }

        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        public SimulatorOptions build() {
            return new SimulatorOptions(
                    host,
                    port,
                    eventLoops,
                    key,
                    models,
                    snapshots,
                    seed,
                    latency,
                    tokenTime,
                    faults,
                    new Limits(
                            requestsPerMinute,
                            requestsPerDay,
                            tokensPerMinute,
                            concurrency,
                            burst,
                            overloadStatus),
                    retryAfter,
                    headers,
                    maxBodyBytes,
                    compression,
                    clock);
        }
    }
}
