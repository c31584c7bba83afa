package dev.batchwright.limit;

import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Guesses the tokens of a request before it is sent, and learns from the usage that comes back.
 *
 * <p>Input: a quarter of the body's bytes, without media, times the ratio of counted to guessed
 * tokens of the model's recent answers. Output: the request's own cap where it has one, as
 * providers reserve it; else the mean of the model's recent answers, and {@value #DEFAULT_OUTPUT}
 * as long as there is none.
 *
 * <p>One pass over the body, no tree. Safe for many threads, without locks.
 */
public final class TokenEstimator {
    /** Output tokens of an answer, until answers tell. */
    public static final long DEFAULT_OUTPUT = 256;

    /** Tokens of one picture or recording, which no length tells. */
    static final long MEDIA = 1000;

    static final int BYTES_PER_TOKEN = 4;

    private final Map<Model, AtomicReference<Calibration>> models = new ConcurrentHashMap<>();

    private record Model(String provider, String name) {}

    /**
     * @param uncalibrated input as guessed from the bytes alone, from which {@link #learn} learns
     * @param input tokens
     * @param output tokens to reserve: the request's cap, or what is expected
     * @param expectedOutput tokens that the answer will probably have, for costs
     * @param inputs how many texts there are to embed, at least 1; no guess, but counted
     */
    public record Estimate(
            long uncalibrated, long input, long output, long expectedOutput, long inputs) {
        public long total() {
            return input + output;
        }

        /**
         * What to set aside where more must not be spent: a quarter more input, and the request's
         * own cap on its output. Without such a cap nothing bounds an answer; four times the usual
         * length is taken then.
         */
        public Usage cautiousUsage() {
            return new Usage(input + input / 4, 0, Math.max(output, 4 * expectedOutput));
        }

        public Usage expectedUsage() {
            return new Usage(input, 0, expectedOutput);
        }
    }

    public Estimate estimate(Request request) {
        BodyScan body = BodyScan.of(request.body());
        Calibration calibration = calibration(request).get();
        long uncalibrated = body.textBytes() / BYTES_PER_TOKEN + body.media() * MEDIA + 1;
        long input = Math.round(uncalibrated * calibration.inputRatio());
        if (hasNoOutput(request.endpoint())) {
            return new Estimate(uncalibrated, input, 0, 0, body.inputs());
        }
        long mean = Math.round(calibration.output() * body.choices());
        if (body.outputCap().isEmpty()) {
            return new Estimate(uncalibrated, input, mean, mean, body.inputs());
        }
        long cap = body.outputCap().getAsLong() * body.choices();
        return new Estimate(uncalibrated, input, cap, Math.min(mean, cap), body.inputs());
    }

    /** What the answer to a request was counted as. */
    public void learn(Request request, Estimate estimate, Usage usage) {
        if (usage.inputTokens() > 0) {
            calibration(request).updateAndGet(c -> c.with(estimate.uncalibrated(), usage));
        }
    }

    /** The mean output of the model's recent answers. */
    public long meanOutput(String provider, String model) {
        var known = models.get(new Model(provider, model));
        return known == null ? DEFAULT_OUTPUT : Math.round(known.get().output());
    }

    private AtomicReference<Calibration> calibration(Request request) {
        return models.computeIfAbsent(
                new Model(request.provider(), request.model()),
                model -> new AtomicReference<>(Calibration.NONE));
    }

    private static boolean hasNoOutput(String endpoint) {
        return endpoint.endsWith("/embeddings")
                || endpoint.endsWith(":embedContent")
                || endpoint.endsWith("/moderations")
                || endpoint.endsWith("/score")
                || endpoint.endsWith("/rerank");
    }

    /**
     * Means over the recent answers, weighted exponentially; the first few count evenly, beside a
     * start value that counts as {@link #PRIOR} answers.
     */
    private record Calibration(double guessed, double counted, double output, int answers) {
        private static final int PRIOR = 2;
        private static final int RECENT = 200;
        static final Calibration NONE = new Calibration(0, 0, DEFAULT_OUTPUT, 0);

        Calibration with(long guess, Usage usage) {
            double weight = 1.0 / Math.min(answers + 1, RECENT);
            double outputWeight = 1.0 / Math.min(answers + 1 + PRIOR, RECENT);
            return new Calibration(
                    guessed + weight * (guess - guessed),
                    counted + weight * (usage.inputTokens() - counted),
                    output + outputWeight * (usage.outputTokens() - output),
                    Math.min(answers + 1, RECENT));
        }

        double inputRatio() {
            return answers == 0 ? 1 : counted / guessed;
        }
    }
}
