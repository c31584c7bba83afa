package dev.batchwright.server.jobs;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Usage;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.workbench.Workbench;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What jobs come to, for the metrics: how much waits, and what was used and paid since this process
 * began. A job that was there at the first look counts from there on.
 */
public final class JobMeters implements Lookout.Viewer {
    private final Workbench workbench;
    private final JobStore store;
    private final Counter inputTokens;
    private final Counter outputTokens;
    private final Counter succeeded;
    private final Counter failed;
    private final Counter cost;
    private final Counter saved;
    private Map<JobId, Seen> seen = new HashMap<>();
    private boolean first = true;
    private volatile Figures figures = Figures.NONE; // Written at a look, read at a scrape.

    /** How things stand at a look. */
    private record Figures(
            long activeJobs,
            long pendingItems,
            long plannedBatches,
            long openBatches,
            long quarantined,
            Duration oldestBatch) {
        static final Figures NONE = new Figures(0, 0, 0, 0, 0, Duration.ZERO);
    }

    /**
     * What was counted of a job.
     *
     * @param over whether it had ended then: nothing more is to be counted, unless it goes on
     */
    private record Seen(Progress progress, Cost saved, boolean over) {
        private static final Progress NONE = new Progress(0, 0, 0, Usage.NONE, Cost.ZERO);
        static final Seen NOTHING = new Seen(NONE, Cost.ZERO, false);

        /** Of a job that had ended before this process began. */
        static final Seen HISTORY = new Seen(NONE, Cost.ZERO, true);

        boolean isHistory() {
            return over && progress.items() == 0;
        }
    }

    public JobMeters(Workbench workbench, MeterRegistry meters) {
        this.workbench = workbench;
        this.store = workbench.store();
        gauge(meters, "batchwright.jobs.active", "Jobs that go on.", now -> now.activeJobs);
        gauge(
                meters,
                "batchwright.items.pending",
                "Items of these jobs without an outcome.",
                now -> now.pendingItems);
        gauge(
                meters,
                "batchwright.batches.planned",
                "Batches that wait for their turn, or are on their way to a provider.",
                now -> now.plannedBatches);
        gauge(
                meters,
                "batchwright.batches.open",
                "Batches that providers work on.",
                now -> now.openBatches);
        gauge(
                meters,
                "batchwright.batches.quarantined",
                "Batches of which nobody can prove that they exist; they need a person.",
                now -> now.quarantined);
        gauge(
                meters,
                "batchwright.batches.oldest.seconds",
                "The age of the oldest open batch.",
                now -> now.oldestBatch.toMillis() / 1000.0);
        this.inputTokens = counter(meters, "batchwright.tokens.input", "Tokens that were read.");
        this.outputTokens =
                counter(meters, "batchwright.tokens.output", "Tokens that were written.");
        this.succeeded = counter(meters, "batchwright.items.succeeded", "Items that succeeded.");
        this.failed = counter(meters, "batchwright.items.failed", "Items that failed.");
        this.cost = counter(meters, "batchwright.cost.usd", "What was paid, by list prices.");
        this.saved =
                counter(
                        meters,
                        "batchwright.saved.usd",
                        "What the batch lane saved against live calls, by list prices.");
    }

    private void gauge(
            MeterRegistry meters, String name, String what, ToDoubleFunction<Figures> value) {
        Gauge.builder(name, this, me -> value.applyAsDouble(me.figures))
                .description(what)
                .register(meters);
    }

    private static Counter counter(MeterRegistry meters, String name, String what) {
        return Counter.builder(name).description(what).register(meters);
    }

    @Override
    public void see(List<Job> jobs) {
        Instant now = workbench.clock().instant();
        Figures sum = Figures.NONE;
        var next = new HashMap<JobId, Seen>();
        for (Job job : jobs) {
            boolean active = job.state() instanceof JobState.Active;
            Seen before = seen.get(job.id());
            if (!active && (first || (before != null && before.over))) {
                next.put(job.id(), before == null ? Seen.HISTORY : before);
                continue;
            }
            List<StoredBatch> batches = store.batches(job.id());
            Seen after = new Seen(store.progress(job.id()), saved(batches), !active);
            if (!first && !(before != null && before.isHistory())) {
                count(before == null ? Seen.NOTHING : before, after);
            }
            next.put(job.id(), after);
            sum = active ? add(sum, after.progress, batches, now) : sum;
        }
        seen = next;
        figures = sum;
        first = false;
    }

    private Cost saved(List<StoredBatch> batches) {
        Cost sum = Cost.ZERO;
        for (StoredBatch batch : batches) {
            Optional<Cost> live =
                    workbench
                            .prices()
                            .live(batch.batch().provider(), batch.batch().model(), batch.usage());
            if (live.isPresent() && live.get().compareTo(batch.cost()) > 0) {
                sum = sum.plus(live.get().minus(batch.cost()));
            }
        }
        return sum;
    }

    private void count(Seen before, Seen after) {
        Progress old = before.progress;
        Progress now = after.progress;
        add(inputTokens, now.usage().inputTokens() - old.usage().inputTokens());
        add(outputTokens, now.usage().outputTokens() - old.usage().outputTokens());
        add(succeeded, now.succeeded() - old.succeeded());
        add(failed, now.failed() - old.failed());
        increment(cost, usd(now.cost()) - usd(old.cost()));
        increment(saved, usd(after.saved) - usd(before.saved));
    }

    private static void add(Counter counter, long number) {
        increment(counter, (double) number);
    }

    /** A counter never goes down: failed items that are tried again stay counted. */
    private static void increment(Counter counter, double by) {
        if (by > 0) {
            counter.increment(by);
        }
    }

    private static double usd(Cost cost) {
        return cost.usd().doubleValue();
    }

    private static Figures add(
            Figures sum, Progress progress, List<StoredBatch> batches, Instant now) {
        long planned = 0;
        long open = 0;
        long quarantined = 0;
        Duration oldest = sum.oldestBatch;
        for (StoredBatch batch : batches) {
            switch (batch.batch().state()) {
                case BatchState.Running(var tag, var id, Instant since) -> {
                    open++;
                    Duration age = Duration.between(since, now);
                    oldest = age.compareTo(oldest) > 0 ? age : oldest;
                }
                case BatchState.Quarantined lost -> quarantined++;
                case BatchState.Planned waiting -> planned++;
                case BatchState.Uploading uploading -> planned++;
                case BatchState.Creating creating -> planned++;
                case BatchState.Ended ended -> {}
            }
        }
        return new Figures(
                sum.activeJobs + 1,
                sum.pendingItems + progress.pending(),
                sum.plannedBatches + planned,
                sum.openBatches + open,
                sum.quarantined + quarantined,
                oldest);
    }
}
