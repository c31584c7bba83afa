package dev.batchwright.collect;

import dev.batchwright.collect.Intake.Ready;
import dev.batchwright.job.Job;
import dev.batchwright.job.Mode;
import dev.batchwright.store.CallKey;
import dev.batchwright.store.CallPlace;
import dev.batchwright.store.CallsTakenException;
import dev.batchwright.workbench.Workbench;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls of one program: each group becomes a job at once. Equal calls are numbered (ADR 21):
 * deliberate repeats stay repeats, and a program that makes its calls again finds each.
 */
final class WholeJobs implements Filing {
    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final Duration SWEEP = Duration.ofHours(1);

    private final Workbench workbench;
    private final CollectorOptions options;
    private final Clock clock;
    private final Intake intake;
    private final Waiting waiting;
    private final CallNumbers numbers;
    private Instant swept;

    WholeJobs(Workbench workbench, CollectorOptions options, Intake intake, Waiting waiting) {
        this.workbench = workbench;
        this.options = options;
        this.clock = workbench.clock();
        this.intake = intake;
        this.waiting = waiting;
        this.swept = clock.instant();
        this.numbers = new CallNumbers(options.reuse(), swept);
        workbench.store().calls().sweep(swept);
    }

    @Override
    public void file(List<Ready> calls) {
        sweep();
        for (List<Ready> group : byDeadline(calls).values()) {
            store(group);
        }
    }

    private void sweep() {
        Instant now = clock.instant();
        if (Duration.between(swept, now).compareTo(SWEEP) >= 0) {
            swept = now;
            workbench.store().calls().sweep(now);
        }
    }

    /**
     * Those whose callers wait about equally long become one job, where its deadline decides what
     * travels how. Elsewhere a deadline is the caller's own: what is on its way goes on.
     */
    private Map<Long, List<Ready>> byDeadline(List<Ready> calls) {
        boolean together = options.mode() != Mode.AUTO;
        long span = Math.max(1, options.batchWindow().toMillis());
        var groups = new LinkedHashMap<Long, List<Ready>>();
        for (Ready call : calls) {
            long group =
                    call.waiter()
                            .deadline
                            .filter(deadline -> !together)
                            .map(deadline -> deadline.toEpochMilli() / span)
                            .orElse(Long.MAX_VALUE);
            groups.computeIfAbsent(group, any -> new ArrayList<>()).add(number(call));
        }
        return groups;
    }

    private Ready number(Ready call) {
        CallKey key = numbers.take(call.key(), clock.instant());
        var unused =
                call.waiter()
                        .answer()
                        .whenComplete(
                                (answer, problem) -> {
                                    if (answer == null || !answer.isGood()) {
                                        numbers.giveBack(key);
                                    }
                                });
        return call.numbered(key);
    }

    private void store(List<Ready> calls) {
        Optional<Instant> deadline =
                options.mode() == Mode.AUTO
                        ? calls.stream()
                                .flatMap(call -> call.waiter().deadline.stream())
                                .min(Instant::compareTo)
                        : Optional.empty();
        List<Ready> rest = calls;
        while (!rest.isEmpty()) {
            rest = attachKnown(rest, deadline);
            try {
                if (!rest.isEmpty()) {
                    submit(rest, deadline);
                }
                return;
            } catch (CallsTakenException e) {
                // Another program was faster: now its job is found.
            }
        }
    }

    /** Joins those calls that an item answers already, or will; returns the others. */
    private List<Ready> attachKnown(List<Ready> calls, Optional<Instant> deadline) {
        Map<CallKey, CallPlace> known =
                workbench
                        .store()
                        .calls()
                        .find(calls.stream().map(Ready::key).toList(), clock.instant());
        var rest = new ArrayList<Ready>();
        for (Ready call : calls) {
            CallPlace place = known.get(call.key());
            Optional<WaitingJob> job =
                    place == null ? Optional.empty() : waiting.attach(place.job(), deadline);
            if (place != null && job.isPresent()) {
                await(call, job.get(), place.seq(), true);
            } else {
                rest.add(call);
            }
        }
        return rest;
    }

    private static void await(Ready call, WaitingJob job, long seq, boolean known) {
        call.waiter().accept(call.key(), job, known);
        job.add(seq, call.waiter());
    }

    private void submit(List<Ready> calls, Optional<Instant> deadline) {
        Job job = intake.submit(calls, deadline, clock.instant().plus(options.reuse()));
        WaitingJob waitingJob = waiting.watch(job);
        long seq = 0;
        for (Ready call : calls) {
            await(call, waitingJob, ++seq, false);
        }
        waiting.pursue(waitingJob, job);
    }

    @Override
    public Duration tick() {
        return IDLE;
    }

    @Override
    public void close() {
        // Nothing is open between two groups.
    }
}
