package dev.batchwright.simulator.quirk;

import dev.batchwright.simulator.fault.Span;
import dev.batchwright.simulator.wire.BatchRoute;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A quirk, and when it strikes. As text: {@code quirk[=value] [share%] [first=n] [after=n]}, where
 * the parts are parted by blanks or colons, like {@code row-missing:1%} or {@code
 * create-lost:first=1}. Spans are of simulated time, unless it says otherwise.
 *
 * <table>
 * <caption>The quirks</caption>
 * <tr><th>quirk</th><th>what happens</th></tr>
 * <tr><th colspan="2">to a call; CALL is upload, file, download, create, poll, list, cancel or
 *     delete</th></tr>
 * <tr><td>CALL-400 ... CALL-599[=span]</td><td>answered with this status, not done (429 asks to
 *     wait a second); with a span: all such calls, for that long from the first one</td></tr>
 * <tr><td>CALL-done-500</td><td>done, and answered with 500</td></tr>
 * <tr><td>CALL-lost</td><td>done, and the connection is reset before the answer</td></tr>
 * <tr><th colspan="2">to a download</th></tr>
 * <tr><td>redirect</td><td>302 to another port; a key that is sent there is counted on the
 *     bill</td></tr>
 * <tr><td>cut[=0.5]</td><td>the connection ends after this share of the bytes</td></tr>
 * <tr><td>slow[=5s]</td><td>takes this real time</td></tr>
 * <tr><th colspan="2">to an uploaded file</th></tr>
 * <tr><td>upload-lag[=5s]</td><td>can't be found for this long</td></tr>
 * <tr><th colspan="2">to a batch</th></tr>
 * <tr><td>create-lag[=5s]</td><td>can't be found for this long, nor is it listed</td></tr>
 * <tr><td>stuck[=span]</td><td>is being validated for this long, or for ever</td></tr>
 * <tr><td>expire[=0.5]</td><td>expires with this share of its rows done</td></tr>
 * <tr><td>fail[=server_error[@line]]</td><td>fails with this code when it is validated, blaming
 *     this line</td></tr>
 * <tr><td>fail-late[=token_limit_exceeded]</td><td>fails with this code when it is half
 *     done</td></tr>
 * <tr><td>reorder</td><td>the rows of its files are in another order</td></tr>
 * <tr><td>empty-error-id</td><td>the id of the error file is "", not null</td></tr>
 * <tr><td>empty-error-file</td><td>has an error file of no bytes</td></tr>
 * <tr><td>counts-back</td><td>every second look shows half of what is done</td></tr>
 * <tr><td>counts-lag[=10s]</td><td>the counts are that old while it runs</td></tr>
 * <tr><td>cancel-late</td><td>is completed when it is to be cancelled: 409</td></tr>
 * <tr><td>cancel-loses[=1]</td><td>so many finished rows are in no file after it was
 *     cancelled</td></tr>
 * <tr><td>status[=paused]</td><td>has this status while it runs</td></tr>
 * <tr><th colspan="2">to a row</th></tr>
 * <tr><td>row-fails[=400]</td><td>is not executed, and ends with this status</td></tr>
 * <tr><td>row-missing</td><td>is executed, and is in no file</td></tr>
 * <tr><td>row-twice</td><td>is executed once, and there twice</td></tr>
 * <tr><td>row-unknown</td><td>is followed by a row with an id that nobody knows</td></tr>
 * <tr><td>row-garbled</td><td>is executed, and only the first half of its line is there</td></tr>
 * <tr><td>row-blank</td><td>is followed by a blank line</td></tr>
 * </table>
 *
 * @param share of the calls, downloads, files, batches or rows that it strikes, 0 to 1
 * @param first strikes so many times at most
 * @param after lets so many pass at first
 */
public record QuirkRule(Quirk quirk, double share, long first, long after) {
    private static final Pattern SEPARATOR = Pattern.compile("[\\s:]+");
    private static final Pattern CALL =
            Pattern.compile(
                    "(upload|file|download|create|poll|list|cancel|delete)"
                            + "-([45]\\d\\d|done-500|lost)");
    private static final Duration LAG = Duration.ofSeconds(5);

    /**
     * Reads a rule.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static QuirkRule parse(String text) {
        String[] parts = SEPARATOR.split(text.strip(), -1);
        double share = 1;
        long first = Long.MAX_VALUE;
        long after = 0;
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i];
            if (part.endsWith("%")) {
                share = number(text, part.substring(0, part.length() - 1), 100) / 100;
            } else if (part.startsWith("first=")) {
                first = (long) number(text, part.substring(6), 1e9);
            } else if (part.startsWith("after=")) {
                after = (long) number(text, part.substring(6), 1e9);
            } else {
                throw unreadable(text, "'" + part + "' is none of 5%, first=1, after=500");
            }
        }
        int equals = parts[0].indexOf('=');
        String name = equals < 0 ? parts[0] : parts[0].substring(0, equals);
        String value = equals < 0 ? "" : parts[0].substring(equals + 1);
        return new QuirkRule(quirk(text, name, value), share, first, after);
    }

    private static Quirk quirk(String text, String name, String value) {
        Matcher call = CALL.matcher(name);
        if (call.matches()) {
            return ofCall(text, call, value);
        }
        return switch (name) {
            case "redirect" -> plain(text, value, new Quirk.Redirect());
            case "cut" -> new Quirk.Cut(share(text, value));
            case "slow" -> new Quirk.Slow(span(value, LAG));
            case "upload-lag" -> new Quirk.UploadLag(span(value, LAG));
            case "create-lag" -> new Quirk.CreateLag(span(value, LAG));
            case "stuck" -> new Quirk.Stuck(span(value));
            case "expire" -> new Quirk.Expire(share(text, value));
            case "fail" -> fail(text, word(value, "server_error"));
            case "fail-late" -> new Quirk.FailLate(word(value, "token_limit_exceeded"));
            case "reorder" -> plain(text, value, new Quirk.Reorder());
            case "empty-error-id" -> plain(text, value, new Quirk.EmptyErrorId());
            case "empty-error-file" -> plain(text, value, new Quirk.EmptyErrorFile());
            case "counts-back" -> plain(text, value, new Quirk.CountsBack());
            case "counts-lag" -> new Quirk.CountsLag(span(value, LAG.multipliedBy(2)));
            case "cancel-late" -> plain(text, value, new Quirk.CancelLate());
            case "cancel-loses" ->
                    new Quirk.CancelLoses((int) number(text, word(value, "1"), 1_000_000));
            case "status" -> new Quirk.Status(word(value, "paused"));
            case "row-fails" -> new Quirk.RowFails((int) number(text, word(value, "400"), 599));
            case "row-missing" -> plain(text, value, new Quirk.RowMissing());
            case "row-twice" -> plain(text, value, new Quirk.RowTwice());
            case "row-unknown" -> plain(text, value, new Quirk.RowUnknown());
            case "row-garbled" -> plain(text, value, new Quirk.RowGarbled());
            case "row-blank" -> plain(text, value, new Quirk.RowBlank());
            default ->
                    throw unreadable(
                            text,
                            "the quirks are CALL-400 to CALL-599, CALL-done-500, CALL-lost (CALL:"
                                    + " upload, file, download, create, poll, list, cancel,"
                                    + " delete), redirect, cut, slow, upload-lag, create-lag,"
                                    + " stuck, expire, fail, fail-late, reorder, empty-error-id,"
                                    + " empty-error-file, counts-back, counts-lag, cancel-late,"
                                    + " cancel-loses, status, row-fails, row-missing, row-twice,"
                                    + " row-unknown, row-garbled, row-blank");
        };
    }

    private static Quirk ofCall(String text, Matcher call, String value) {
        var kind = BatchRoute.Kind.valueOf(call.group(1).toUpperCase(Locale.ROOT));
        return switch (call.group(2)) {
            case "lost" -> plain(text, value, new Quirk.CallLost(kind));
            case "done-500" -> plain(text, value, new Quirk.CallDoneFails(kind));
            default -> new Quirk.CallFails(kind, Integer.parseInt(call.group(2)), span(value));
        };
    }

    private static Quirk fail(String text, String value) {
        int at = value.indexOf('@');
        return at < 0
                ? new Quirk.Fail(value, OptionalLong.empty())
                : new Quirk.Fail(
                        value.substring(0, at),
                        OptionalLong.of((long) number(text, value.substring(at + 1), 1e9)));
    }

    private static Quirk plain(String text, String value, Quirk quirk) {
        if (!value.isEmpty()) {
            throw unreadable(text, "this quirk takes no value");
        }
        return quirk;
    }

    private static Optional<Duration> span(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(Span.parse(value));
    }

    private static Duration span(String value, Duration usual) {
        return span(value).orElse(usual);
    }

    private static double share(String text, String value) {
        return number(text, word(value, "0.5"), 1);
    }

    private static String word(String value, String usual) {
        return value.isEmpty() ? usual : value;
    }

    private static double number(String text, String digits, double most) {
        if (digits.matches("\\d{1,9}(\\.\\d{1,9})?") && Double.parseDouble(digits) <= most) {
            return Double.parseDouble(digits);
        }
        throw unreadable(text, "'%s' is not a number from 0 to %.0f".formatted(digits, most));
    }

    private static IllegalArgumentException unreadable(String text, String why) {
        return new IllegalArgumentException(
                "quirk rule '%s': %s; example: row-missing:1%% first=3".formatted(text, why));
    }
}
