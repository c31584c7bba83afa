package dev.batchwright.collect;

import dev.batchwright.input.CallBody;
import dev.batchwright.input.LoadReport;
import dev.batchwright.input.RequestCheck;
import dev.batchwright.input.Router;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.CallKey;
import dev.batchwright.store.JobDraft;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** Makes requests of calls, and jobs of requests. For the collector's thread. */
final class Intake {
    private static final int MOST_TARGETS = 1_000;
    private static final String MESSAGES = "/v1/messages";
    private static final String CHAT = "/v1/chat/completions";

    /** Providers that take messages as Anthropic's clients send them. */
    private static final Set<String> HAVE_MESSAGES = Set.of("anthropic", "echo");

    private final Workbench workbench;
    private final CollectorOptions options;
    private final Way way;
    private final Router router;
    private final RequestCheck check;
    private final byte[] scope;
    private final byte[] baseUrl;
    private final Map<LoadReport.Target, BatchOffer> offers = new HashMap<>();

    /**
     * A call that can be made.
     *
     * @param asked a digest of what is asked, where the key is made of something else; else 0
     */
    record Ready(Waiter waiter, Request request, CallKey key, long asked) {
        Ready numbered(CallKey numbered) {
            return new Ready(waiter, request, numbered, asked);
        }
    }

    /**
     * @throws dev.batchwright.workbench.RefusedException if there is no such provider, or it can't
     *     be reached
     */
    Intake(Workbench workbench, CollectorOptions options) {
        this.workbench = workbench;
        this.options = options;
        this.way =
                new Way(
                        workbench,
                        new Way.Said(options.provider(), options.baseUrl(), options.apiKeyEnv()));
        this.router = way.router();
        this.check = way.check();
        this.scope = options.scope().getBytes(StandardCharsets.UTF_8);
        this.baseUrl = options.baseUrl().orElse("").getBytes(StandardCharsets.UTF_8);
        options.provider()
                .ifPresent(
                        name ->
                                workbench.checkReachable(
                                        spec(Optional.empty())
                                                .loaded(
                                                        List.of(),
                                                        Map.of(
                                                                name,
                                                                new JobSpec.Endpoint(
                                                                        options.baseUrl(),
                                                                        options.apiKeyEnv())))));
    }

    /** The requests of those calls that can be made; the others are refused. */
    List<Ready> judge(List<Waiter> group) {
        var ready = new ArrayList<Ready>();
        for (Waiter waiter : group) {
            if (!waiter.isGone()) {
                judge(waiter).ifPresent(ready::add);
            }
        }
        return ready;
    }

    private Optional<Ready> judge(Waiter waiter) {
        CallBody body = Objects.requireNonNull(waiter.body);
        switch (router.resolve(body.model())) {
            case Router.Resolution.Refused(String problem) -> {
                waiter.refuse(404, "model_not_found", problem);
                return Optional.empty();
            }
            case Router.Resolution.Routed(String provider, String model) -> {
                Optional<Request> made =
                        request(
                                waiter,
                                new Request(provider, waiter.endpoint, model, body.naming(model)));
                if (made.isEmpty()) {
                    return Optional.empty();
                }
                Request request = made.get();
                Mode mode = waiter.mode.orElseGet(() -> fittingMode(request));
                waiter.mode = Optional.of(mode);
                Optional<String> refusal = refusal(request, mode);
                refusal.ifPresent(problem -> waiter.refuse(400, "unsupported_request", problem));
                return refusal.isPresent() ? Optional.empty() : Optional.of(ready(waiter, request));
            }
        }
    }

    /**
     * What is sent: where the backend of a server has no messages, a chat completion instead; empty
     * if there is no such.
     */
    private Optional<Request> request(Waiter waiter, Request asked) {
        if (options.serving().isEmpty()
                || !asked.endpoint().equals(MESSAGES)
                || HAVE_MESSAGES.contains(asked.provider())) {
            return Optional.of(asked);
        }
        boolean newLimit = !workbench.isOwnServer(asked.provider());
        return switch (MessagesToChat.translate(asked.body(), newLimit)) {
            case MessagesToChat.Translation.Made(RawJson chat) -> {
                waiter.translated = true;
                yield Optional.of(new Request(asked.provider(), CHAT, asked.model(), chat));
            }
            case MessagesToChat.Translation.Refused(String reason) -> {
                waiter.refuse(
                        400,
                        "untranslatable",
                        "%s has no messages, and %s. Nothing was sent."
                                .formatted(asked.provider(), reason));
                yield Optional.empty();
            }
        };
    }

    private Ready ready(Waiter waiter, Request request) {
        if (options.serving().isEmpty()) {
            return new Ready(waiter, request, key(request), 0);
        }
        Call.Terms terms = waiter.terms;
        CallKey content = key(request, terms.owner(), terms.repeat());
        return terms.idempotencyKey()
                .map(
                        name ->
                                new Ready(
                                        waiter,
                                        request,
                                        named(terms.owner(), name),
                                        // Zero would mean that the key says all.
                                        content.hashHigh() | 1))
                .orElseGet(() -> new Ready(waiter, request, content, 0));
    }

    /** In batches where they are offered, but at a server of the user's own only if he says so. */
    private Mode fittingMode(Request request) {
        return !workbench.isOwnServer(request.provider())
                        && offer(request) instanceof BatchOffer.Offered
                ? Mode.BATCH
                : Mode.LIVE;
    }

    private Optional<String> refusal(Request request, Mode mode) {
        Optional<String> refusal = check.refusal(request);
        if (refusal.isPresent() || mode != Mode.BATCH) {
            return refusal;
        }
        return offer(request) instanceof BatchOffer.NotOffered(String reason)
                ? Optional.of(
                        "Calls are batched, and %s. Use mode auto or live for it."
                                .formatted(reason))
                : Optional.empty();
    }

    private BatchOffer offer(Request request) {
        if (offers.size() >= MOST_TARGETS) {
            offers.clear();
        }
        return offers.computeIfAbsent(
                target(request),
                target ->
                        workbench.offer(
                                Mode.BATCH,
                                way.provider(target.provider()),
                                target.provider(),
                                target.endpoint(),
                                target.model()));
    }

    private static LoadReport.Target target(Request request) {
        return new LoadReport.Target(request.provider(), request.model(), request.endpoint());
    }

    private CallKey key(Request request) {
        return CallKey.first(
                scope,
                request.provider().getBytes(StandardCharsets.UTF_8),
                baseUrl,
                request.endpoint().getBytes(StandardCharsets.UTF_8),
                request.body().toByteArray());
    }

    // The lengths count, and there is one part more than where one program numbers its calls.
    private CallKey key(Request request, String owner, String repeat) {
        return CallKey.first(
                scope,
                bytes(owner),
                bytes(request.provider()),
                baseUrl,
                bytes(request.endpoint()),
                request.body().toByteArray(),
                bytes(repeat));
    }

    private CallKey named(String owner, String idempotencyKey) {
        return CallKey.first(scope, bytes(owner), bytes("idempotency-key"), bytes(idempotencyKey));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Makes calls a job, which is durable when this returns.
     *
     * @throws dev.batchwright.store.CallsTakenException if another job answers one of them
     */
    Job submit(List<Ready> calls, Optional<Instant> deadline, Instant until) {
        return workbench.submitDraft(
                spec(deadline), true, way, draft -> fill(draft, calls, until), warning -> {});
    }

    private static LoadReport fill(JobDraft draft, List<Ready> calls, Instant until) {
        var targets = new HashMap<LoadReport.Target, Long>();
        long seq = 0;
        long bytes = 0;
        for (Ready call : calls) {
            seq++;
            bytes += call.request.body().length();
            draft.append(new Item(seq, id(call.key), call.request, Optional.empty()));
            draft.answers(call.key, until);
            targets.merge(target(call.request), 1L, Long::sum);
        }
        return new LoadReport(seq, List.of(), 0, List.of(), List.of(), targets, bytes);
    }

    private static String id(CallKey key) {
        HexFormat hex = HexFormat.of();
        return "call-%s%s-%d"
                .formatted(
                        hex.toHexDigits(key.hashHigh()),
                        hex.toHexDigits(key.hashLow()),
                        key.number());
    }

    /** How a job of calls of one owner to one provider is run now. */
    JobSpec spec(String owner, String provider, Mode mode, Optional<Instant> deadline) {
        return spec(mode, deadline)
                .loaded(List.of(), way.endpoints(List.of(provider)))
                .ownedBy(owner);
    }

    /** How a job of calls that was there before goes on. */
    JobSpec again(JobSpec job, Optional<Instant> deadline) {
        return spec(job.mode(), job.mode() == Mode.AUTO ? deadline : Optional.empty());
    }

    /** How jobs of calls are run now. */
    private JobSpec spec(Optional<Instant> deadline) {
        return spec(options.mode(), deadline);
    }

    private JobSpec spec(Mode mode, Optional<Instant> deadline) {
        return new JobSpec(
                "calls of " + options.scope(),
                "calls-" + UUID.randomUUID(),
                "calls",
                List.of(),
                Map.of(),
                mode,
                way.live(
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalInt.empty(),
                        Optional.empty()),
                new JobSpec.BatchSettings(options.completionWindow(), options.pollInterval()),
                deadline,
                Optional.empty(),
                options.metadata());
    }
}
