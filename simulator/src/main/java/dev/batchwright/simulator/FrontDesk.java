package dev.batchwright.simulator;

import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.fault.Fault;
import dev.batchwright.simulator.fault.Faults;
import dev.batchwright.simulator.limit.RateLimits;
import dev.batchwright.simulator.limit.Verdict;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Wire;
import dev.batchwright.simulator.wire.Work;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Decides what becomes of a request. The order is that of a real provider: path and method, key,
 * account, the request's own faults, limits, and then the server's troubles. So a request that
 * fails by a fault has used up its place in the limits, and one that is wrong in itself has not.
 *
 * <p>Plain code: knows no server, never waits. Thread-safe.
 */
final class FrontDesk {
    private final SimulatorOptions options;
    private final Bill bill;
    private final BillDesk billDesk;
    private final CheckpointDesk checkpointDesk;
    private final Wire wire;
    private final RateLimits limits;
    private final Faults faults;

    FrontDesk(SimulatorOptions options, Bill bill, Wire wire, Checkpoints checkpoints) {
        this.options = options;
        this.bill = bill;
        this.billDesk = new BillDesk(bill);
        this.checkpointDesk = new CheckpointDesk(checkpoints);
        this.wire = wire;
        this.limits = new RateLimits(options.limits(), options.headers(), options.clock());
        this.faults = new Faults(options.faults(), options.seed());
    }

    ReplyPlan receive(Arrival arrival) {
        bill.arrived(arrival.at());
        Endpoint endpoint = wire.endpoint(arrival.path());
        if (endpoint == null) {
            return refuse(
                    Refusal.of(
                            Reason.UNKNOWN_PATH,
                            404,
                            "Invalid URL (%s %s)".formatted(arrival.method(), arrival.path())));
        }
        if (!arrival.method().equals(endpoint.method())) {
            return wrongMethod(arrival, endpoint);
        }
        if (!options.key().isEmpty() && !wire.key(arrival).equals(options.key())) {
            return refuse(wire.wrongKey(wire.key(arrival)));
        }
        RequestHash hash = RequestHash.of(endpoint.canonicalPath(), arrival.body());
        return switch (endpoint.read(arrival, hash)) {
            case Intake.Refused(Refusal refusal) -> refuse(refusal);
            case Intake.Ready(Work work) ->
                    endpoint.metered()
                            ? serve(new Visit(arrival, endpoint, hash, work))
                            : ReplyPlan.now(work.run().reply());
        };
    }

    /** Whether a path is for those who watch the simulator. */
    boolean isOurs(String path) {
        return BillDesk.knows(path) || CheckpointDesk.knows(path);
    }

    /** Answers those who watch the simulator; may work or wait for long. */
    ReplyPlan report(Arrival arrival) {
        return ReplyPlan.now(
                BillDesk.knows(arrival.path())
                        ? billDesk.answer(arrival)
                        : checkpointDesk.answer(arrival));
    }

    /** The call of the batch side behind a method and a path, if there is one. */
    Optional<BatchRoute> batchRoute(String method, String path) {
        return wire.batches().route(method, path);
    }

    /** A request that arrived with a body larger than it may be; the body was not read. */
    ReplyPlan receiveTooLarge(Arrival arrival) {
        bill.arrived(arrival.at());
        return refuse(
                Refusal.of(
                        Reason.TOO_LARGE,
                        413,
                        "Maximum content size limit (%d) exceeded."
                                .formatted(options.maxBodyBytes())));
    }

    /** A valid request for something that is paid. */
    private record Visit(Arrival arrival, Endpoint endpoint, RequestHash hash, Work work) {}

    private ReplyPlan serve(Visit visit) {
        int attempt = bill.attempted(visit.hash());
        SplittableRandom chance = faults.chance(visit.hash(), attempt);
        Optional<Fault> fault =
                faults.strike(
                        visit.endpoint().canonicalPath(),
                        visit.work().model(),
                        visit.arrival(),
                        attempt,
                        chance);
        if (fault.isPresent()) {
            switch (fault.get()) {
                case Fault.WrongKey() -> {
                    return refuse(wire.wrongKey(wire.key(visit.arrival())));
                }
                case Fault.Quota(String code) -> {
                    return refuse(FaultRefusal.quota(code));
                }
                default -> {} // strikes behind the limits
            }
        }
        return switch (limits.admit(
                wire.key(visit.arrival()), visit.work(), visit.arrival().at())) {
            case Verdict.Refused(Refusal refusal, Optional<Duration> wait, List<Header> headers) ->
                    refuse(refusal, wait, headers, visit.arrival(), chance);
            case Verdict.Admitted admitted -> {
                bill.accepted(visit.arrival().at());
                yield admitted(visit, admitted, fault, chance);
            }
        };
    }

    private ReplyPlan admitted(
            Visit visit,
            Verdict.Admitted admitted,
            Optional<Fault> fault,
            SplittableRandom chance) {
        Duration latency = options.latency().draw(chance);
        if (fault.isPresent() && fault.get() instanceof Fault.Early early) {
            return unrun(visit, admitted, early, latency, chance);
        }
        Answer answer = visit.work().run();
        Reply reply = answer.reply().with(admitted.headers());
        Duration writing = options.tokenTime().multipliedBy(answer.completionTokens());
        Duration delay = reply.streamed() ? latency : latency.plus(writing);
        var executed =
                new RunEnding(bill, admitted.permit(), visit.hash(), answer, Optional.empty());
        if (fault.isPresent() && fault.get() instanceof Fault.Late late) {
            var spoiled =
                    new RunEnding(
                            bill,
                            admitted.permit(),
                            visit.hash(),
                            answer,
                            Optional.of(late.label()));
            return Spoiling.plan(late, reply, delay, executed, spoiled);
        }
        return new ReplyPlan(
                reply,
                delay,
                reply.streamed() && !writing.isZero()
                        ? new ReplyPlan.Delivery.Slow(writing)
                        : new ReplyPlan.Delivery.Whole(),
                executed);
    }

    /** A fault strikes a request that was let in, before it runs. */
    private ReplyPlan unrun(
            Visit visit,
            Verdict.Admitted admitted,
            Fault.Early fault,
            Duration latency,
            SplittableRandom chance) {
        var ending = new UnrunEnding(bill, admitted.permit());
        if (fault instanceof Fault.Status status) {
            Refusal refusal = FaultRefusal.of(status, wire);
            bill.refused(refusal.label());
            Reply reply =
                    wire.refusal(refusal, status.retryAfter())
                            .with(admitted.headers())
                            .with(retryAfter(status.retryAfter(), visit.arrival(), chance));
            return new ReplyPlan(reply, latency, new ReplyPlan.Delivery.Whole(), ending);
        }
        bill.refused(fault.label());
        ReplyPlan.Delivery delivery =
                switch (fault) {
                    case Fault.Reset() -> new ReplyPlan.Delivery.Reset();
                    case Fault.Stall() -> new ReplyPlan.Delivery.Silence();
                    default -> new ReplyPlan.Delivery.Whole();
                };
        return new ReplyPlan(FaultRefusal.html(), latency, delivery, ending);
    }

    private ReplyPlan refuse(Refusal refusal) {
        bill.refused(refusal.label());
        return ReplyPlan.now(wire.refusal(refusal, Optional.empty()));
    }

    private ReplyPlan refuse(
            Refusal refusal,
            Optional<Duration> wait,
            List<Header> headers,
            Arrival arrival,
            SplittableRandom chance) {
        bill.refused(refusal.label());
        return ReplyPlan.now(
                wire.refusal(refusal, wait).with(headers).with(retryAfter(wait, arrival, chance)));
    }

    private List<Header> retryAfter(
            Optional<Duration> wait, Arrival arrival, SplittableRandom chance) {
        return wait.isEmpty()
                ? List.of()
                : options.retryAfter().headers(wait.get(), arrival.at(), chance);
    }

    private ReplyPlan wrongMethod(Arrival arrival, Endpoint endpoint) {
        Refusal refusal =
                Refusal.of(
                        Reason.WRONG_METHOD,
                        405,
                        "Not allowed to %s on %s. (HINT: Perhaps you meant to use a different HTTP method?)"
                                .formatted(arrival.method(), arrival.path()));
        bill.refused(refusal.label());
        return ReplyPlan.now(
                wire.refusal(refusal, Optional.empty())
                        .with(List.of(new Header("allow", endpoint.method()))));
    }
}
