package dev.batchwright.http;

import dev.batchwright.limit.LimitReport;
import dev.batchwright.limit.LimitReport.Window;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an answer's headers say of the server's limits, in the forms of the wire sheets:
 *
 * <ul>
 *   <li>OpenAI and its copies: {@code x-ratelimit-{limit,remaining,reset}-{requests,tokens}},
 *       resets as Go durations; a project's own token limit counts where it is the narrower one;
 *   <li>Mistral: {@code x-ratelimit-{limit,remaining}-{req,tokens}-minute}, no resets;
 *   <li>Anthropic: {@code anthropic-ratelimit-{requests,tokens,input-tokens}-{limit,remaining,
 *       reset}}, resets as timestamps ({@link #parseAnthropic});
 *   <li>the IETF draft: {@code ratelimit-{limit,remaining,reset}}, where {@code ratelimit-policy}
 *       or the limit itself names the window ({@code 100;w=60}) and the reset is in seconds.
 * </ul>
 *
 * A limit whose window is not a minute, or not told, is left out: Groq counts requests by the day,
 * and {@code x-ratelimit-limit} alone means something else at every server.
 */
public final class RateLimits {
    private static final Pattern POLICY =
            Pattern.compile("(\\d{1,18})\\s*;[^,]*?\\bw=\"?(\\d{1,9})");

    private RateLimits() {}

    /**
     * @param requestsByTheMinute whether this provider's {@code -requests} headers count by the
     *     minute
     */
    public static LimitReport parse(Headers headers, boolean requestsByTheMinute) {
        Window requests = requestsByTheMinute ? openAi(headers, "requests") : Window.UNKNOWN;
        if (requests.equals(Window.UNKNOWN)) {
            requests = mistral(headers, "req-minute");
        }
        if (requests.equals(Window.UNKNOWN)) {
            requests = ietf(headers);
        }
        Window tokens = narrower(openAi(headers, "tokens"), openAi(headers, "project-tokens"));
        if (tokens.equals(Window.UNKNOWN)) {
            tokens = mistral(headers, "tokens-minute");
        }
        return requests.equals(Window.UNKNOWN) && tokens.equals(Window.UNKNOWN)
                ? LimitReport.NONE
                : new LimitReport(requests, tokens);
    }

    /**
     * Resets count from the answer's own {@code Date} where it has one, so that a wrong clock here
     * does no harm. Input alone is reported where the limit of all tokens is not told.
     */
    public static LimitReport parseAnthropic(Headers headers, Instant now) {
        Instant from = headers.first("date").flatMap(RetryAfter::date).orElse(now);
        Window requests = anthropic(headers, "requests", from);
        Window tokens = anthropic(headers, "tokens", from);
        if (tokens.equals(Window.UNKNOWN)) {
            tokens = anthropic(headers, "input-tokens", from);
        }
        return requests.equals(Window.UNKNOWN) && tokens.equals(Window.UNKNOWN)
                ? LimitReport.NONE
                : new LimitReport(requests, tokens);
    }

    private static Window anthropic(Headers headers, String what, Instant from) {
        String name = "anthropic-ratelimit-" + what;
        return window(
                number(headers, name + "-limit"),
                number(headers, name + "-remaining"),
                headers.first(name + "-reset").flatMap(reset -> until(reset, from)));
    }

    private static Optional<Duration> until(String timestamp, Instant from) {
        try {
            Duration wait = Duration.between(from, OffsetDateTime.parse(timestamp).toInstant());
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException notATimestamp) {
            return Optional.empty();
        }
    }

    private static Window openAi(Headers headers, String what) {
        return window(
                number(headers, "x-ratelimit-limit-" + what),
                number(headers, "x-ratelimit-remaining-" + what),
                headers.first("x-ratelimit-reset-" + what).flatMap(GoDuration::parse));
    }

    private static Window mistral(Headers headers, String what) {
        return window(
                number(headers, "x-ratelimit-limit-" + what),
                number(headers, "x-ratelimit-remaining-" + what),
                Optional.empty());
    }

    private static Window ietf(Headers headers) {
        Optional<Matcher> policy =
                headers.first("ratelimit-policy")
                        .or(() -> headers.first("ratelimit-limit"))
                        .map(POLICY::matcher)
                        .filter(Matcher::find);
        if (policy.isEmpty() || !policy.get().group(2).equals("60")) {
            return Window.UNKNOWN;
        }
        return window(
                OptionalLong.of(Long.parseLong(policy.get().group(1))),
                number(headers, "ratelimit-remaining"),
                headers.first("ratelimit-reset").flatMap(GoDuration::parse));
    }

    private static Window window(
            OptionalLong perMinute, OptionalLong remaining, Optional<Duration> fullIn) {
        return perMinute.isEmpty() && remaining.isEmpty() && fullIn.isEmpty()
                ? Window.UNKNOWN
                : new Window(perMinute, remaining, fullIn);
    }

    private static Window narrower(Window one, Window other) {
        return other.perMinute().isPresent()
                        && other.perMinute().getAsLong() < one.perMinute().orElse(Long.MAX_VALUE)
                ? other
                : one;
    }

    private static OptionalLong number(Headers headers, String name) {
        Optional<String> value = headers.first(name);
        if (value.isEmpty() || !value.get().matches("\\d{1,18}(\\.\\d{1,9})?")) {
            return OptionalLong.empty();
        }
        String digits = value.get();
        int point = digits.indexOf('.');
        return OptionalLong.of(Long.parseLong(point < 0 ? digits : digits.substring(0, point)));
    }
}
