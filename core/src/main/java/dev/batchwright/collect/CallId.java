package dev.batchwright.collect;

import dev.batchwright.store.CallKey;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of a call for its owner: the key by which the store knows it. */
final class CallId {
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern FORM = Pattern.compile("call_([0-9a-f]{16})([0-9a-f]{16})");

    private CallId() {}

    static String of(CallKey key) {
        return "call_" + HEX.toHexDigits(key.hashHigh()) + HEX.toHexDigits(key.hashLow());
    }

    static Optional<CallKey> parse(String id) {
        Matcher parts = FORM.matcher(id);
        return parts.matches()
                ? Optional.of(
                        new CallKey(
                                HexFormat.fromHexDigitsToLong(parts.group(1)),
                                HexFormat.fromHexDigitsToLong(parts.group(2)),
                                1))
                : Optional.empty();
    }
}
