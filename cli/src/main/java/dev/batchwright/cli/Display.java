package dev.batchwright.cli;

import dev.batchwright.engine.Activity;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobEvent;
import dev.batchwright.store.JobStore;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a job is shown while it runs: one line that is drawn over on a terminal, nothing in a pipe,
 * or events as JSON lines. One thread at a time.
 */
final class Display {
    private static final long EVENT_NANOS = Duration.ofSeconds(1).toNanos();

    private final Terminal terminal;
    private final boolean json;
    private final Rate rate = new Rate();
    private long lastEvent = System.nanoTime() - EVENT_NANOS;
    private int told;
    private boolean lineShown;

    Display(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    /** To be called a few times a second. */
    synchronized void progress(Job job, Progress progress, Optional<Activity> activity) {
        rate.add(System.nanoTime(), progress.done());
        if (json) {
            if (System.nanoTime() - lastEvent >= EVENT_NANOS) {
                lastEvent = System.nanoTime();
                progressEvent(job, progress, activity);
            }
        } else if (terminal.errIsTerminal()) {
            drawOver(line(progress, activity));
        }
    }

    synchronized void endProgress() {
        if (lineShown) {
            terminal.err().println();
            lineShown = false;
        }
    }

    /** Something for people: a paragraph; programs get events instead. */
    synchronized void say(String message, Object... details) {
        if (!json) {
            endProgress();
            terminal.say(message, details);
        }
    }

    /** Something for programs. */
    synchronized void event(String kind, Map<String, ?> fields) {
        if (json) {
            var event = new LinkedHashMap<String, Object>();
            event.put("event", kind);
            event.putAll(fields);
            terminal.print(JobView.json(event));
            terminal.flush();
        }
    }

    /**
     * What happened to a job since the last call; to be called a few times a second. Programs get
     * each event of the job once, also those from before this command.
     */
    synchronized void history(JobStore store, JobId job) {
        if (json) {
            for (JobEvent each : store.events(job, told)) {
                told++;
                var fields = new LinkedHashMap<String, Object>();
                fields.put("job", job.value());
                fields.put("at", each.at().toString());
                fields.put("kind", each.kind());
                fields.put("detail", each.detail());
                event("happened", fields);
            }
        }
    }

    private void progressEvent(Job job, Progress progress, Optional<Activity> activity) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("job", job.id().value());
        fields.putAll(JobView.fields(progress));
        activity.ifPresent(
                now -> {
                    fields.put("batches", now.batches());
                    fields.put("calls_under_way", now.calls());
                    fields.put("calls", now.attempts());
                    fields.put("throttled", now.throttled());
                    fields.put("retried", now.retried());
                });
        fields.put("items_per_second", Math.round(rate.perSecond() * 10) / 10.0);
        event("progress", fields);
    }

    private String line(Progress progress, Optional<Activity> activity) {
        var line = new StringBuilder();
        int percent =
                progress.items() == 0 ? 100 : (int) (progress.done() * 100 / progress.items());
        line.append(
                "%,d of %,d done (%d %%)".formatted(progress.done(), progress.items(), percent));
        if (progress.failed() > 0) {
            line.append(", %,d failed".formatted(progress.failed()));
        }
        line.append("  %,.0f/s".formatted(rate.perSecond()));
        line.append("  %s tokens".formatted(shortNumber(progress.usage().totalTokens())));
        line.append("  ").append(progress.cost());
        activity.ifPresent(
                now -> {
                    if (now.batches() > 0) {
                        line.append(
                                "  %,d batch%s"
                                        .formatted(now.batches(), now.batches() == 1 ? "" : "es"));
                    }
                    if (now.calls() > 0 || now.batches() == 0) {
                        line.append("  %,d calls".formatted(now.calls()));
                    }
                    if (now.throttled() > 0) {
                        line.append(", %,d throttled".formatted(now.throttled()));
                    }
                });
        rate.timeFor(progress.pending())
                .ifPresent(left -> line.append("  ").append(Durations.show(left)).append(" left"));
        return line.toString();
    }

    private void drawOver(String text) {
        // Back to the start of the line, without wrapping what is wider than the terminal; and
        // clear what a longer line left behind.
        terminal.err().print("\r\u001b[?7l" + text + "\u001b[K\u001b[?7h");
        terminal.err().flush();
        lineShown = true;
    }

    private static String shortNumber(long number) {
        if (number < 10_000) {
            return "%,d".formatted(number);
        }
        return number < 10_000_000
                ? "%,.0fk".formatted(number / 1e3)
                : "%,.1fM".formatted(number / 1e6);
    }

    /** Items per second over the last while. */
    private static final class Rate {
        private static final int LOOKS = 40;
        private final long[] nanos = new long[LOOKS];
        private final long[] counts = new long[LOOKS];
        private int looks;

        void add(long now, long count) {
            nanos[looks % LOOKS] = now;
            counts[looks % LOOKS] = count;
            looks++;
        }

        double perSecond() {
            if (looks < 2) {
                return 0;
            }
            int newest = (looks - 1) % LOOKS;
            int oldest = looks <= LOOKS ? 0 : looks % LOOKS;
            double seconds = (nanos[newest] - nanos[oldest]) / 1e9;
            return seconds <= 0 ? 0 : (counts[newest] - counts[oldest]) / seconds;
        }

        Optional<Duration> timeFor(long pending) {
            double speed = perSecond();
            return speed <= 0 || pending == 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds((long) Math.ceil(pending / speed)));
        }
    }
}
