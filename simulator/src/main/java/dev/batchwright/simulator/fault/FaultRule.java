package dev.batchwright.simulator.fault;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A fault, and when it strikes. As text: {@code fault[=value] [share%] [wait=span] [first=n]
 * [after=n] [when restriction [and restriction ...]]}, where the parts are parted by spaces or
 * colons. Examples:
 *
 * <pre>
 * 429:5%                                every twentieth call
 * 429=slow_down:5% wait=3s              with this code, and asking to wait three seconds
 * 503:2% first=1                        only the first attempt of a request
 * reset:3% when path=/v1/embeddings
 * stall=30s:1% when model=gpt-4o and body~urgent
 * quota after=500                       from the 501st call on
 * </pre>
 *
 * <p>Not run: a status from 400 to 599 (429 with one of {@code requests}, {@code tokens}, {@code
 * slow_down}, {@code flex}), {@code wrong-key}, {@code quota} (with a code, {@code
 * insufficient_quota} unless given), {@code html}, {@code reset}, {@code stall}. Run, but answered
 * uselessly: {@code lost-answer}, {@code hang}, {@code half}, {@code invalid-json}, {@code empty}.
 * Run and answered properly: {@code stall=span}, {@code slow-body[=span]}.
 *
 * @param share of the calls that it strikes, 0 to 1, 1 where the text gives none
 * @param first only the first so many attempts of each distinct request
 * @param after only after so many calls that the restriction matches
 */
public record FaultRule(Fault fault, double share, int first, long after, Restriction when) {
    private static final Pattern SEPARATOR = Pattern.compile("[\\s:]+");
    private static final Duration DEFAULT_WAIT = Duration.ofSeconds(1);
    private static final Duration DEFAULT_SLOW = Duration.ofSeconds(5);
    private static final Map<String, Fault> PLAIN =
            Map.of(
                    "wrong-key", new Fault.WrongKey(),
                    "html", new Fault.Html(),
                    "reset", new Fault.Reset(),
                    "lost-answer", new Fault.LostAnswer(),
                    "hang", new Fault.Hang(),
                    "half", new Fault.Half(),
                    "invalid-json", new Fault.InvalidJson(),
                    "empty", new Fault.Empty());

    /**
     * Reads a rule.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static FaultRule parse(String text) {
        int when = text.indexOf(" when ");
        String head = when < 0 ? text.strip() : text.substring(0, when).strip();
        Restriction restriction =
                when < 0 ? Restriction.NONE : Restriction.parse(text.substring(when + 6));
        String[] parts = SEPARATOR.split(head, -1);
        double share = 1;
        int first = Integer.MAX_VALUE;
        long after = 0;
        Optional<Duration> wait = Optional.empty();
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            if (part.endsWith("%")) {
                share = percent(text, part);
            } else if (part.startsWith("first=")) {
                first = (int) number(text, part);
            } else if (part.startsWith("after=")) {
                after = number(text, part);
            } else if (part.startsWith("wait=")) {
                wait = Optional.of(Span.parse(part.substring(5)));
            } else {
                throw unreadable(
                        text, "'" + part + "' is none of 5%, wait=2s, first=1, after=500, when");
            }
        }
        return new FaultRule(fault(text, parts[0], wait), share, first, after, restriction);
    }

    private static Fault fault(String text, String name, Optional<Duration> wait) {
        int equals = name.indexOf('=');
        String kind = equals < 0 ? name : name.substring(0, equals);
        String value = equals < 0 ? "" : name.substring(equals + 1);
        if (kind.matches("[45]\\d\\d")) {
            return status(text, Integer.parseInt(kind), value, wait);
        }
        if (wait.isPresent()) {
            throw unreadable(text, "wait= goes with a status only");
        }
        return switch (kind) {
            case "quota" -> new Fault.Quota(value.isEmpty() ? "insufficient_quota" : value);
            case "stall" ->
                    value.isEmpty() ? new Fault.Stall() : new Fault.Delayed(Span.parse(value));
            case "slow-body" ->
                    new Fault.SlowBody(value.isEmpty() ? DEFAULT_SLOW : Span.parse(value));
            default -> plain(text, kind, value);
        };
    }

    private static Fault plain(String text, String kind, String value) {
        Fault plain = PLAIN.get(kind);
        if (plain == null) {
            throw unreadable(
                    text,
                    "the faults are 400 to 599, wrong-key, quota, html, reset, stall[=30s],"
                            + " lost-answer, hang, half, invalid-json, empty, slow-body[=5s]");
        }
        if (!value.isEmpty()) {
            throw unreadable(text, kind + " takes no value");
        }
        return plain;
    }

    private static Fault status(String text, int status, String value, Optional<Duration> wait) {
        if (status != 429) {
            if (!value.isEmpty()) {
                throw unreadable(text, "only 429 takes a kind, like 429=slow_down");
            }
            return new Fault.Status(status, "", wait);
        }
        if (!value.matches("|requests|tokens|slow_down|flex")) {
            throw unreadable(text, "429 can be requests, tokens, slow_down or flex");
        }
        String kind = value.isEmpty() ? "requests" : value;
        return new Fault.Status(status, kind, Optional.of(wait.orElse(DEFAULT_WAIT)));
    }

    private static double percent(String text, String part) {
        try {
            double percent = Double.parseDouble(part.substring(0, part.length() - 1));
            if (percent >= 0 && percent <= 100) {
                return percent / 100;
            }
        } catch (NumberFormatException e) {
            throw unreadable(text, "'" + part + "' is not a percentage");
        }
        throw unreadable(text, "a share is 0% to 100%");
    }

    private static long number(String text, String part) {
        String digits = part.substring(part.indexOf('=') + 1);
        if (!digits.matches("\\d{1,9}")) {
            throw unreadable(text, "'" + part + "' needs a number up to 999999999");
        }
        return Long.parseLong(digits);
    }

    private static IllegalArgumentException unreadable(String text, String why) {
        return new IllegalArgumentException(
                "fault rule '%s': %s; example: 429:5%% wait=2s first=1 when model=gpt-4o"
                        .formatted(text, why));
    }
}
