package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One batch. Where it stands follows from its {@link Timeline}, the time, and whether and when it
 * was cancelled; looking at it does the work that is due. Thread-safe: all that changes is under
 * its lock.
 */
final class Batch {
    private final Order order;
    private final Fate fate;
    private final Instant created;
    private final long number;
    private final Execution execution;
    private final Shelf shelf;
    private final Inspector inspector;
    private final ReentrantLock lock = new ReentrantLock();
    private Timeline timeline; // another, if a cancellation comes too late
    private Optional<Inspection> inspection = Optional.empty();
    private Optional<Instant> cancelled = Optional.empty();
    private boolean published;
    private long looks;
    private Optional<StoredFile> output = Optional.empty();
    private Optional<StoredFile> errors = Optional.empty();

    /** Looks through the input, and at what else must be right for a batch to start. */
    interface Inspector {
        Inspection inspect(Batch batch);
    }

    /**
     * Takes the parts.
     *
     * @param number in the order in which batches came
     */
    Batch(
            Order order,
            Fate fate,
            Timeline timeline,
            long number,
            Execution execution,
            Shelf shelf,
            Inspector inspector) {
        this.order = order;
        this.fate = fate;
        this.timeline = timeline;
        this.created = timeline.created();
        this.number = number;
        this.execution = execution;
        this.shelf = shelf;
        this.inspector = inspector;
    }

    Order order() {
        return order;
    }

    Fate fate() {
        return fate;
    }

    long number() {
        return number;
    }

    Instant created() {
        return created;
    }

    /** When validation is over. */
    Instant validated() {
        lock.lock();
        try {
            return timeline.validated();
        } finally {
            lock.unlock();
        }
    }

    BatchView view(Instant now) {
        lock.lock();
        try {
            return look(now);
        } finally {
            lock.unlock();
        }
    }

    /** Does the work that is due. */
    @SuppressWarnings("ReturnValueIgnored") // looking is what does it
    void settle(Instant now) {
        view(now);
    }

    /** Cancels it; empty if it has ended already, or was cancelled before. */
    Optional<BatchView> cancel(Instant now) {
        lock.lock();
        try {
            BatchPhase phase = look(now).phase();
            if (phase.ended() || phase == BatchPhase.CANCELLING) {
                return Optional.empty();
            }
            if (fate.cancelLate()) {
                timeline = timeline.completedAt(now);
                return Optional.empty();
            }
            cancelled = Optional.of(now);
            return Optional.of(look(now));
        } finally {
            lock.unlock();
        }
    }

    /** What is there of the results, from behind so many lines on. */
    BatchView.Partial partial(Instant now, long from) {
        lock.lock();
        try {
            BatchView view = look(now);
            FileSlice content = view.output().map(StoredFile::content).orElseGet(execution::output);
            return new BatchView.Partial(
                    ResultLines.behind(content, from), execution.succeeded(), view.phase().ended());
        } finally {
            lock.unlock();
        }
    }

    /** The prompt tokens that count as enqueued at a time; none before validation. */
    long enqueuedTokens(Instant now) {
        lock.lock();
        try {
            BatchPhase phase = look(now).phase();
            return phase.ended() ? 0 : inspection.map(Inspection::tokens).orElse(0L);
        } finally {
            lock.unlock();
        }
    }

    /** The model of its rows at a time; "" before validation. */
    String model(Instant now) {
        return view(now).model();
    }

    private BatchView look(Instant now) {
        boolean begun = !cancelled.orElse(now).isBefore(timeline.validated());
        if (begun && inspection.isEmpty()) {
            inspection = Optional.of(inspector.inspect(this));
        }
        boolean valid = inspection.map(seen -> seen.problems().isEmpty()).orElse(true);
        BatchPhase phase = phase(now, valid);
        long rows = inspection.map(Inspection::rows).orElse(0L);
        boolean running = begun && valid;
        if (running && fate.failLate().isEmpty()) {
            execution.advance(timeline.done(rows, lastWork(now)));
            if (phase.ended() && !published) {
                publish(phase, rows);
            }
        }
        looks++;
        return new BatchView(
                order,
                phase,
                phase == BatchPhase.RUNNING ? fate.status() : Optional.empty(),
                times(now, phase),
                running ? counts(now, phase, rows) : new BatchView.Counts(0, 0, 0, 0, 0),
                execution.failures(),
                phase == BatchPhase.FAILED ? problems() : List.of(),
                inspection.map(Inspection::model).orElse(""),
                execution.promptTokens(),
                execution.completionTokens(),
                output,
                errors);
    }

    private BatchPhase phase(Instant now, boolean valid) {
        return fate.failLate().isPresent()
                        && valid
                        && cancelled.isEmpty()
                        && !now.isBefore(timeline.halfway())
                ? BatchPhase.FAILED
                : timeline.phase(now, valid, cancelled);
    }

    private List<Problem> problems() {
        List<Problem> found = inspection.map(Inspection::problems).orElse(List.of());
        return found.isEmpty()
                ? fate
                        .failLate()
                        .map(
                                late ->
                                        Problem.of(
                                                late.code(),
                                                "The batch failed while it ran, as the simulator"
                                                        + " was told."))
                        .stream()
                        .toList()
                : found;
    }

    /** The time up to which rows were executed. */
    private Instant lastWork(Instant now) {
        Instant last = cancelled.orElse(timeline.end());
        return now.isBefore(last) ? now : last;
    }

    private BatchView.Counts counts(Instant now, BatchPhase phase, long rows) {
        if (fate.failLate().isPresent()) {
            return new BatchView.Counts(rows, 0, 0, 0, 0);
        }
        double shown = phase.ended() ? 1 : shownShare(now, rows);
        return new BatchView.Counts(
                rows,
                (long) (execution.succeeded() * shown),
                (long) (execution.failed() * shown),
                phase == BatchPhase.CANCELLED ? execution.unrun() : 0,
                phase == BatchPhase.EXPIRED ? execution.unrun() : 0);
    }

    /** The share of what is done that a look shows. */
    private double shownShare(Instant now, long rows) {
        double share = 1;
        if (fate.countsLag().isPresent()) {
            Instant then = lastWork(now).minus(fate.countsLag().get().span());
            long before = then.isBefore(timeline.validated()) ? 0 : timeline.done(rows, then);
            share = (double) before / Math.max(1, timeline.done(rows, lastWork(now)));
        }
        return fate.countsBack() && looks % 2 == 1 ? share / 2 : share;
    }

    private BatchView.Times times(Instant now, BatchPhase phase) {
        boolean started =
                (phase != BatchPhase.FAILED || endedLate())
                        && !cancelled.orElse(now).isBefore(timeline.validated());
        boolean finalizing =
                started
                        && !lastWork(now).isBefore(timeline.worked())
                        && timeline.worked().isBefore(timeline.end());
        return new BatchView.Times(
                timeline.created(),
                timeline.expires(),
                started ? Optional.of(timeline.validated()) : Optional.empty(),
                finalizing ? Optional.of(timeline.worked()) : Optional.empty(),
                cancelled,
                phase.ended() ? Optional.of(end(phase)) : Optional.empty());
    }

    /** Whether it can have failed only by failing late. */
    private boolean endedLate() {
        return inspection.map(seen -> seen.problems().isEmpty()).orElse(false);
    }

    private Instant end(BatchPhase phase) {
        return switch (phase) {
            case FAILED -> endedLate() ? timeline.halfway() : timeline.validated();
            case CANCELLED -> cancelled.orElseThrow().plus(timeline.cancelling());
            case VALIDATING, RUNNING, FINALIZING, CANCELLING, COMPLETED, EXPIRED -> timeline.end();
        };
    }

    private void publish(BatchPhase phase, long rows) {
        if (phase == BatchPhase.EXPIRED) {
            execution.giveUp(rows, new RowEnd.Expired());
        } else if (phase == BatchPhase.CANCELLED) {
            execution.giveUp(rows, new RowEnd.Cancelled());
        }
        if (phase == BatchPhase.CANCELLED && fate.cancelLoses().isPresent()) {
            execution.lose(fate.cancelLoses().get().rows());
        }
        if (fate.reorder()) {
            execution.reorder();
        }
        Order.ResultNames names = order.results();
        Instant at = end(phase);
        output = shelve(names.outputId(), names.outputName(), execution.output(), at);
        errors = shelve(names.errorId(), names.errorName(), execution.errors(), at);
        if (errors.isEmpty() && (fate.emptyErrorFile() || names.emptyErrors())) {
            errors = Optional.of(put(names.errorId(), names.errorName(), execution.errors(), at));
        } else if (errors.isEmpty() && fate.emptyErrorId()) {
            errors = Optional.of(put("", names.errorName(), execution.errors(), at));
        }
        published = true;
    }

    private Optional<StoredFile> shelve(String id, String name, FileSlice content, Instant at) {
        return content.length() == 0 ? Optional.empty() : Optional.of(put(id, name, content, at));
    }

    private StoredFile put(String id, String name, FileSlice content, Instant at) {
        var entry = new Shelf.Entry(id, name, order.results().purpose(), content);
        return shelf.put(entry, at, order.resultLife(), at);
    }

    /** Whether it can be found yet. */
    boolean visible(Instant now) {
        return fate.createLag().map(lag -> !now.isBefore(created().plus(lag.span()))).orElse(true);
    }
}
