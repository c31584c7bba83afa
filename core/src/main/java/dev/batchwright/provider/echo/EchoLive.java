package dev.batchwright.provider.echo;

import dev.batchwright.config.ProviderConfig;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.LiveApi;

import tools.jackson.core.JacksonException;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * The echo's live lane. The same request is answered by the same bytes, in any process; which of
 * its attempts fail is settled by the seed, the request and how often it was tried in this process.
 */
final class EchoLive implements LiveApi {
    private static final Duration THROTTLE_WAIT = Duration.ofMillis(50);

    private final Duration latency;
    private final EchoFaults faults;

    EchoLive(ProviderConfig.Echo options) {
        this.latency = options.latency();
        this.faults = new EchoFaults(options);
    }

    @Override
    public AttemptOutcome send(Request request, Duration timeout) throws InterruptedException {
        if (latency.compareTo(timeout) > 0) {
            Thread.sleep(timeout);
            return failed("timeout", "No answer in time.");
        }
        if (latency.isPositive()) {
            Thread.sleep(latency);
        }
        byte[] body = request.body().toByteArray();
        long hash = EchoHash.of(body);
        return switch (faults.next(hash)) {
            case NONE -> answer(request, body, hash);
            case FAILURE -> failed("server_error", "The echo was told to fail now and then.");
            case THROTTLE ->
                    new AttemptOutcome.Throttled(
                            Optional.of(THROTTLE_WAIT),
                            new ItemError(
                                    "rate_limit_exceeded",
                                    "The echo was told to throttle now and then."),
                            LimitReport.NONE);
        };
    }

    private static AttemptOutcome failed(String code, String message) {
        return new AttemptOutcome.Transient(
                new ItemError(code, message),
                Optional.empty(),
                false,
                Optional.empty(),
                Usage.NONE,
                LimitReport.NONE);
    }

    private static AttemptOutcome answer(Request request, byte[] body, long hash) {
        EchoPrompt prompt;
        try {
            prompt = EchoPrompt.parse(body);
        } catch (JacksonException notJson) {
            return rejected(400, "invalid_json", "The body is not a JSON object.");
        }
        var answer = new EchoAnswer(prompt, hash);
        return answer.to(request.endpoint())
                .<AttemptOutcome>map(
                        json ->
                                new AttemptOutcome.Success(
                                        new Reply(200, "echo_" + Long.toHexString(hash), json),
                                        answer.usage(),
                                        LimitReport.NONE))
                .orElseGet(
                        () ->
                                rejected(
                                        404,
                                        "unknown_endpoint",
                                        "The echo has no answer for this endpoint."));
    }

    private static AttemptOutcome rejected(int status, String code, String message) {
        byte[] body =
                """
                {"error":{"message":"%s","type":"invalid_request_error","param":null,"code":"%s"}}\
                """
                        .formatted(message, code)
                        .getBytes(StandardCharsets.UTF_8);
        return new AttemptOutcome.Rejected(
                new ItemError(code, message),
                new Reply(status, "", RawJson.of(body)),
                LimitReport.NONE);
    }
}
