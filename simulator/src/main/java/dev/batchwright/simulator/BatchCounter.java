package dev.batchwright.simulator;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.fault.Fault;
import dev.batchwright.simulator.quirk.Quirk;
import dev.batchwright.simulator.quirk.Quirks;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Wire;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Serves the calls of the batch side, with the quirks that strike calls and downloads. Thread-safe;
 * calls may work, read and write for long.
 */
record BatchCounter(
        SimulatorOptions options, Bill bill, BatchEngine engine, Wire wire, Quirks quirks) {
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final List<String> KEY_HEADERS =
            List.of("authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie");

    ReplyPlan serve(BatchRoute route, Arrival head, Payload body) {
        bill.arrived(head.at());
        if (!options.key().isEmpty() && !wire.key(head).equals(options.key())) {
            return refuse(wire.wrongKey(wire.key(head)), Optional.empty(), head);
        }
        Optional<Duration> wait =
                route.kind() == BatchRoute.Kind.CREATE
                        ? engine.creationsExhausted()
                        : Optional.empty();
        if (wait.isPresent()) {
            return refuse(
                    Refusal.of(Reason.REQUESTS, 429, "Too many batches were created in an hour."),
                    wait,
                    head);
        }
        Instant now = engine.clock().instant();
        Optional<Quirk.OfCall> quirk =
                quirks.strike(Quirk.OfCall.class, found -> found.call() == route.kind(), now);
        if (quirk.isEmpty()) {
            return answer(route.answer().answer(head, body));
        }
        return switch (quirk.get()) {
            case Quirk.CallFails fails -> fail(fails.status(), head);
            case Quirk.CallDoneFails any -> {
                BatchReply done = route.answer().answer(head, body);
                yield done.head().status() < 400 ? fail(500, head) : answer(done);
            }
            case Quirk.CallLost any -> {
                BatchReply done = route.answer().answer(head, body);
                bill.refused("answer lost");
                yield ReplyPlan.now(done.head(), new ReplyPlan.Delivery.Reset());
            }
        };
    }

    /** A call to the second port, where files are for everybody who knows their address. */
    ReplyPlan serveSigned(Arrival head) {
        if (KEY_HEADERS.stream().anyMatch(name -> !head.header(name).isEmpty())) {
            bill.leaked();
        }
        return engine.signedUrls()
                .find(head.path())
                .map(file -> send(BatchReply.download("application/octet-stream", List.of(), file)))
                .orElseGet(() -> ReplyPlan.now(BillDesk.problem(403, "no such address")));
    }

    private ReplyPlan answer(BatchReply reply) {
        if (reply.head().status() >= 400) {
            bill.refused(reply.head().status() + " batch");
        }
        if (reply.file().isPresent() && quirks.strike(Quirk.Redirect.class).isPresent()) {
            String location = engine.signedUrls().sign(reply.file().get());
            return ReplyPlan.now(BatchReply.moved(location).head());
        }
        return send(reply);
    }

    private ReplyPlan send(BatchReply reply) {
        if (reply.file().isEmpty()) {
            return ReplyPlan.now(reply.head());
        }
        FileSlice file = reply.file().get();
        Optional<Quirk.OfDownload> quirk =
                quirks.strike(
                        Quirk.OfDownload.class,
                        found -> !(found instanceof Quirk.Redirect),
                        Instant.MIN);
        ReplyPlan.Delivery delivery =
                switch (quirk.orElse(new Quirk.Redirect())) {
                    case Quirk.Cut(double share) ->
                            new ReplyPlan.Delivery.CutFile(file, (long) (file.length() * share));
                    case Quirk.Slow(Duration span) -> new ReplyPlan.Delivery.SlowFile(file, span);
                    case Quirk.Redirect() -> new ReplyPlan.Delivery.FromFile(file);
                };
        return ReplyPlan.now(reply.head(), delivery);
    }

    private ReplyPlan fail(int status, Arrival head) {
        Optional<Duration> wait = status == 429 ? Optional.of(WAIT) : Optional.empty();
        return refuse(FaultRefusal.of(new Fault.Status(status, "", wait), wire), wait, head);
    }

    private ReplyPlan refuse(Refusal refusal, Optional<Duration> wait, Arrival head) {
        bill.refused(refusal.label());
        List<Header> headers =
                wait.map(
                                span ->
                                        options.retryAfter()
                                                .headers(
                                                        span,
                                                        head.at(),
                                                        new SplittableRandom(options.seed())))
                        .orElse(List.of());
        return ReplyPlan.now(wire.refusal(refusal, wait).with(headers));
    }
}
