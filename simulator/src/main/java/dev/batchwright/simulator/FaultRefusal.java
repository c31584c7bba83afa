package dev.batchwright.simulator;

import dev.batchwright.simulator.fault.Fault;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a fault says instead of an answer. */
final class FaultRefusal {
    private static final byte[] PAGE =
            """
            <html>
            <head><title>502 Bad Gateway</title></head>
            <body><center><h1>502 Bad Gateway</h1></center></body>
            </html>
            """
                    .getBytes(StandardCharsets.UTF_8);

    private FaultRefusal() {}

    static Refusal of(Fault.Status fault, Wire wire) {
        return switch (fault.status()) {
            case 401 -> Refusal.of(Reason.BAD_KEY, 401, wire.wrongKey("").message());
            case 404 ->
                    Refusal.of(
                            Reason.UNKNOWN_MODEL,
                            404,
                            "The model does not exist or you do not have access to it.");
            case 413 -> Refusal.of(Reason.TOO_LARGE, 413, "Maximum content size limit exceeded.");
            case 429 -> tooMany(fault.kind());
            case 500 ->
                    Refusal.of(
                            Reason.SERVER_ERROR,
                            500,
                            "The server had an error while processing your request. Sorry about"
                                    + " that!");
            case 503 ->
                    Refusal.of(
                            Reason.OVERLOADED,
                            503,
                            "The engine is currently overloaded, please try again later");
            default ->
                    Refusal.of(
                            Reason.OTHER,
                            fault.status(),
                            "The simulator was told to fail with status " + fault.status());
        };
    }

    static Refusal quota(String code) {
        return new Refusal(
                Reason.QUOTA,
                429,
                "You exceeded your current quota, please check your plan and billing details.",
                null,
                code);
    }

    static Reply html() {
        return new Reply(502, "text/html; charset=utf-8", List.of(), List.of(PAGE), false);
    }

    private static Refusal tooMany(String kind) {
        return switch (kind) {
            case "tokens" ->
                    Refusal.of(
                            Reason.TOKENS,
                            429,
                            "Rate limit reached on tokens per min (TPM). Please try again later.");
            case "slow_down" ->
                    Refusal.of(
                            Reason.SLOW_DOWN,
                            429,
                            "Slow down: your traffic is growing too fast. Please ramp up"
                                    + " gradually.");
            case "flex" -> Refusal.of(Reason.FLEX_UNAVAILABLE, 429, "Resource Unavailable");
            default ->
                    Refusal.of(
                            Reason.REQUESTS,
                            429,
                            "Rate limit reached on requests per min (RPM). Please try again"
                                    + " later.");
        };
    }
}
