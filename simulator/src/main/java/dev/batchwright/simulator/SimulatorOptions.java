package dev.batchwright.simulator;

import dev.batchwright.simulator.batch.BatchSettings;
import dev.batchwright.simulator.bill.Price;
import dev.batchwright.simulator.fault.FaultRule;
import dev.batchwright.simulator.fault.Latency;
import dev.batchwright.simulator.fault.Span;
import dev.batchwright.simulator.limit.Burst;
import dev.batchwright.simulator.limit.HeaderForm;
import dev.batchwright.simulator.limit.Limits;
import dev.batchwright.simulator.limit.RetryAfter;
import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.quirk.QuirkRule;

import org.jspecify.annotations.Nullable;

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
 * @param provider whose surface is served
 * @param batches how batches behave
 * @param earlyCounts whether Anthropic counts the requests of a batch that still runs
 * @param inlineMetadata whether Gemini gives the metadata of inline requests back with their
 *     results
 * @param brokenAnswers which answers by a JSON schema do not fit it
 * @param quirks the odd ways of its batch side, in the order in which they are tried
 * @param price what tokens cost on the bill
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
        Provider provider,
        BatchSettings batches,
        boolean earlyCounts,
        boolean inlineMetadata,
        BrokenAnswers brokenAnswers,
        List<QuirkRule> quirks,
        Price price,
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
        quirks = List.copyOf(quirks);
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
        private @Nullable RetryAfter retryAfter;
        private @Nullable HeaderForm headers;
        private long maxBodyBytes = 64L * 1024 * 1024;
        private boolean compression;
        private Provider provider = Provider.OPENAI;
        private double timeScale = 1;
        private Latency batchTime = new Latency.Fixed(Duration.ofSeconds(1));
        private Duration validationTime = Duration.ofMillis(200);
        private long enqueuedTokens;
        private int batchesPerHour;
        private long maxBatchRequests;
        private long maxUploadBytes;
        private boolean everyProblem;
        private boolean earlyCounts;
        private boolean inlineMetadata = true;
        private double brokenAnswers;
        private final List<QuirkRule> quirks = new ArrayList<>();
        private double inputPrice;
        private double outputPrice;
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

        /** The status above the concurrency: 429, 503 or 529. */
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

        /** {@code openai}, {@code groq}, {@code anthropic} or {@code none}. */
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

        public Builder provider(Provider value) {
            provider = value;
            return this;
        }

        /** See {@link Provider#parse}. */
        public Builder provider(String name) {
            return provider(Provider.parse(name));
        }

        /** How many seconds pass for batches and files in a real one. */
        public Builder timeScale(double value) {
            timeScale = value;
            return this;
        }

        /** How long a batch runs, in its own time. */
        public Builder batchTime(Latency value) {
            batchTime = value;
            return this;
        }

        /** See {@link Latency#parse}. */
        public Builder batchTime(String text) {
            return batchTime(Latency.parse(text));
        }

        /** How long a batch is being validated, in its own time. */
        public Builder validationTime(Duration value) {
            validationTime = value;
            return this;
        }

        /** See {@link Span#parse}. */
        public Builder validationTime(String text) {
            return validationTime(Span.parse(text));
        }

        /** Prompt tokens that a model's unfinished batches may have together; 0: no limit. */
        public Builder enqueuedTokens(long value) {
            enqueuedTokens = value;
            return this;
        }

        /** Batches that may be created in an hour; 0: no limit. */
        public Builder batchesPerHour(int value) {
            batchesPerHour = value;
            return this;
        }

        /** Requests in a batch; 0: as the provider has it. */
        public Builder maxBatchRequests(long value) {
            maxBatchRequests = value;
            return this;
        }

        /** Bytes of an uploaded file; 0: as the provider has it. */
        public Builder maxUploadBytes(long value) {
            maxUploadBytes = value;
            return this;
        }

        /** Whether validation reports every bad line of a batch, not just the first. */
        public Builder everyProblem(boolean value) {
            everyProblem = value;
            return this;
        }

        /** Whether Anthropic counts the requests of a batch while it runs, as is seen at times. */
        public Builder earlyCounts(boolean value) {
            earlyCounts = value;
            return this;
        }

        /**
         * Whether Gemini tells the metadata of inline requests in their results; at times it does
         * not.
         */
        public Builder inlineMetadata(boolean value) {
            inlineMetadata = value;
            return this;
        }

        /** The share of answers by a JSON schema that do not fit it, 0 to 1. */
        public Builder brokenAnswers(double share) {
            brokenAnswers = share;
            return this;
        }

        /** See {@link BrokenAnswers#share}. */
        public Builder brokenAnswers(String text) {
            return brokenAnswers(BrokenAnswers.share(text));
        }

        /** Adds a rule. */
        public Builder quirk(QuirkRule rule) {
            quirks.add(rule);
            return this;
        }

        /** Adds a rule; see {@link QuirkRule#parse}. */
        public Builder quirk(String text) {
            return quirk(QuirkRule.parse(text));
        }

        /** USD for a million tokens read and written, live; batches cost half. */
        public Builder price(double input, double output) {
            inputPrice = input;
            outputPrice = output;
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
                    retryAfter == null ? provider.usualRetryAfter() : retryAfter,
                    headers == null ? provider.usualHeaders() : headers,
                    maxBodyBytes,
                    compression,
                    provider,
                    new BatchSettings(
                            timeScale,
                            batchTime,
                            validationTime,
                            enqueuedTokens,
                            batchesPerHour,
                            maxBatchRequests,
                            maxUploadBytes,
                            everyProblem),
                    earlyCounts,
                    inlineMetadata,
                    new BrokenAnswers(brokenAnswers, seed),
                    quirks,
                    new Price(inputPrice, outputPrice),
                    clock);
        }
    }
}
