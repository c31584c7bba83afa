package dev.batchwright.cli;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobEvent;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.Stray;
import dev.batchwright.store.WorkerInfo;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

@Command(name = "status", description = "Show how far a job is, what it cost and what holds it up.")
final class StatusCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final int EVENTS = 10;
    private static final int PLANS = 5;
    private static final int STRAYS = 5;

    @Mixin JobArgument argument = new JobArgument();

    @Option(names = "--json", description = "One JSON object.")
    boolean json;

    @Mixin final GlobalOptions global;

    StatusCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            Progress progress = store.progress(job.id());
            List<WorkerInfo> workers = store.workers(job.id());
            List<StoredBatch> batches = store.batches(job.id());
            Cost reserved = store.reserved(job.id());
            Optional<Cost> saved =
                    batches.isEmpty()
                            ? Optional.empty()
                            : BatchView.saved(batches, workbench.prices());
            var lanes =
                    new LaneTable(store.progressByLane(job.id()), batches.size(), reserved, saved);
            List<JobEvent> events = store.events(job.id());
            if (json) {
                Map<String, Object> fields = JobView.fields(job, progress);
                fields.put("workers", workers.size());
                fields.putAll(BatchView.fields(batches, reserved));
                saved.ifPresent(cost -> fields.put("saved_usd", cost.usd().stripTrailingZeros()));
                fields.put("lanes", lanes.fields());
                fields.put("planned", planned(events).map(JobEvent::detail).toList());
                terminal.print(JobView.json(fields));
            } else {
                show(terminal, job, progress, workers);
                lanes.print(terminal);
                showPlans(terminal, events);
                BatchView.print(terminal, batches);
                showEvents(terminal, events);
                showStrays(terminal, store.strays(job.id(), STRAYS));
            }
        }
        return ExitCode.OK.code;
    }

    private static void show(
            Terminal terminal, Job job, Progress progress, List<WorkerInfo> workers) {
        terminal.print("%s  %s".formatted(job.id(), job.spec().name()));
        terminal.print("  state      " + state(job, workers));
        terminal.print("  input      " + job.spec().input());
        terminal.print(
                "  items      %,d: %,d succeeded, %,d failed, %,d pending"
                        .formatted(
                                progress.items(),
                                progress.succeeded(),
                                progress.failed(),
                                progress.pending()));
        terminal.print(
                "  tokens     %,d in (%,d cached), %,d out"
                        .formatted(
                                progress.usage().inputTokens(),
                                progress.usage().cachedTokens(),
                                progress.usage().outputTokens()));
        terminal.print("  cost       " + progress.cost());
        job.spec().maxCost().ifPresent(cap -> terminal.print("  budget     " + cap));
        job.spec().deadline().ifPresent(at -> terminal.print("  deadline   " + time(at)));
        for (WorkerInfo worker : workers) {
            terminal.print(
                    "  worker     process %d on %s since %s"
                            .formatted(worker.pid(), worker.host(), time(worker.since())));
        }
        String problem = JobView.problem(job.state());
        if (!problem.isEmpty()) {
            terminal.print("  problem    " + problem);
        }
    }

    private static String state(Job job, List<WorkerInfo> workers) {
        boolean idle = job.state() instanceof JobState.Active && workers.isEmpty();
        return JobView.word(job.state())
                + (idle ? " (nobody works on it: the same command again, or retry, goes on)" : "");
    }

    private static Stream<JobEvent> planned(List<JobEvent> events) {
        return events.stream().filter(event -> event.kind().equals("planned"));
    }

    /** Why items travel as they do: said when they were planned, and true for long. */
    private static void showPlans(Terminal terminal, List<JobEvent> events) {
        List<JobEvent> plans = planned(events).toList();
        for (JobEvent plan : plans.subList(Math.max(0, plans.size() - PLANS), plans.size())) {
            terminal.print("  planned    " + plan.detail());
        }
    }

    private static void showEvents(Terminal terminal, List<JobEvent> events) {
        for (JobEvent event : events.subList(Math.max(0, events.size() - EVENTS), events.size())) {
            terminal.print(
                    "  %s  %s %s"
                            .formatted(time(event.at()), event.kind(), event.detail())
                            .stripTrailing());
        }
    }

    private static void showStrays(Terminal terminal, List<Stray> strays) {
        for (Stray stray : strays) {
            terminal.print(
                    "  stray      %s at byte %d of %s (kept)"
                            .formatted(stray.reason(), stray.offset(), stray.segment()));
        }
    }

    private static String time(java.time.Instant instant) {
        return TIME.format(instant.atZone(ZoneId.systemDefault()));
    }
}
