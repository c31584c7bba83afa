package dev.batchwright.simulator.fault;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** How long the provider takes before it answers: a distribution to draw from. */
public sealed interface Latency {
    record Fixed(Duration span) implements Latency {}

    /** Every span from {@code least} to {@code most} is as likely as any other. */
    record Uniform(Duration least, Duration most) implements Latency {
        public Uniform {
            if (least.compareTo(most) > 0) {
                throw new IllegalArgumentException(
                        "uniform:" + least + ".." + most + " starts after its end");
            }
        }
    }

    /** A bell curve; what falls below zero is zero. */
    record Normal(Duration mean, Duration deviation) implements Latency {}

    /** The usual shape of a provider: half of the calls below the median, and a long tail. */
    record LogNormal(Duration median, double sigma) implements Latency {}

    /** Draws one span. */
    default Duration draw(SplittableRandom random) {
        return switch (this) {
            case Fixed(Duration span) -> span;
            case Uniform(Duration least, Duration most) ->
                    Duration.ofNanos(random.nextLong(least.toNanos(), most.toNanos() + 1));
            case Normal(Duration mean, Duration deviation) ->
                    Duration.ofNanos(
                            Math.max(
                                    0,
                                    (long)
                                            (mean.toNanos()
                                                    + random.nextGaussian()
                                                            * deviation.toNanos())));
            case LogNormal(Duration median, double sigma) ->
                    Duration.ofNanos(
                            (long) (median.toNanos() * Math.exp(sigma * random.nextGaussian())));
        };
    }

    /**
     * Reads {@code 50ms}, {@code uniform:10ms..200ms}, {@code normal:mean=50ms,sd=10ms} or {@code
     * lognormal:median=50ms,sigma=0.5}.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    static Latency parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return new Fixed(Span.parse(text));
        }
        String rest = text.substring(colon + 1);
        return switch (text.substring(0, colon).strip()) {
            case "fixed" -> new Fixed(Span.parse(rest));
            case "uniform" -> uniform(text, rest);
            case "normal" -> {
                Map<String, String> parts = parts(text, rest, "mean", "sd");
                yield new Normal(
                        Span.parse(parts.getOrDefault("mean", "")),
                        Span.parse(parts.getOrDefault("sd", "")));
            }
            case "lognormal" -> {
                Map<String, String> parts = parts(text, rest, "median", "sigma");
                yield new LogNormal(
                        Span.parse(parts.getOrDefault("median", "")),
                        number(text, parts.getOrDefault("sigma", "")));
            }
            default -> throw unreadable(text);
        };
    }

    private static Latency uniform(String text, String rest) {
        int dots = rest.indexOf("..");
        if (dots < 0) {
            throw unreadable(text);
        }
        return new Uniform(
                Span.parse(rest.substring(0, dots)), Span.parse(rest.substring(dots + 2)));
    }

    private static Map<String, String> parts(
            String text, String rest, String first, String second) {
        var parts = new HashMap<String, String>();
        for (String part : rest.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw unreadable(text);
            }
            parts.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
        }
        if (parts.size() != 2 || !parts.containsKey(first) || !parts.containsKey(second)) {
            throw unreadable(text);
        }
        return parts;
    }

    private static double number(String text, String value) {
        try {
            double number = Double.parseDouble(value);
            if (number >= 0 && number <= 10) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw unreadable(text);
        }
        throw new IllegalArgumentException("sigma in '%s' must be 0 to 10".formatted(text));
    }

    private static IllegalArgumentException unreadable(String text) {
        return new IllegalArgumentException(
                """
                '%s' is not a latency; write 50ms, uniform:10ms..200ms, normal:mean=50ms,sd=10ms \
                or lognormal:median=50ms,sigma=0.5\
                """
                        .formatted(text));
    }
}
