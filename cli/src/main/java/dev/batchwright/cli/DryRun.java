package dev.batchwright.cli;

import dev.batchwright.engine.LiveRate;
import dev.batchwright.input.InputLoader;
import dev.batchwright.input.LoadReport;
import dev.batchwright.input.Warning;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.plan.Timetable;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Tells what a run would send and cost, and sends nothing. */
final class DryRun {
    private final Workbench workbench;
    private final Terminal terminal;
    private final boolean json;
    private final JobSpec spec;
    private final Way way;
    private final TokenEstimator estimator = new TokenEstimator();
    private final Map<Target, Estimate> estimates = new TreeMap<>();
    private final Map<Target, LanePolicy.Choice> choices = new TreeMap<>();

    private record Target(String provider, String model, String endpoint)
            implements Comparable<Target> {
        @Override
        public int compareTo(Target other) {
            return toString().compareTo(other.toString());
        }
    }

    private record Estimate(long items, Usage usage) {
        Estimate plus(Estimate other) {
            return new Estimate(items + other.items, usage.plus(other.usage));
        }

        /** Of so many of these items. */
        Estimate part(long some) {
            double part = items == 0 ? 0 : (double) some / items;
            return new Estimate(
                    some,
                    new Usage(
                            (long) (usage.inputTokens() * part),
                            (long) (usage.cachedTokens() * part),
                            (long) (usage.outputTokens() * part)));
        }
    }

    /**
     * @param spec of the job that would be made
     * @param way to say how each provider is reached
     */
    DryRun(Workbench workbench, Terminal terminal, boolean json, JobSpec spec, Way way) {
        this.spec = spec;
        this.way = way;
        this.workbench = workbench;
        this.terminal = terminal;
        this.json = json;
    }

    ExitCode show(InputLoader loader) {
        LoadReport report = loader.load(this::add);
        if (!report.valid()) {
            throw CommandFailure.usage("%s", report.problemText());
        }
        if (json) {
            terminal.print(JobView.json(fields(report)));
        } else {
            print(report);
        }
        return ExitCode.OK;
    }

    private void add(Item item) {
        var target =
                new Target(
                        item.request().provider(),
                        item.request().model(),
                        item.request().endpoint());
        var estimate = new Estimate(1, estimator.estimate(item.request()).expectedUsage());
        estimates.merge(target, estimate, Estimate::plus);
    }

    private void print(LoadReport report) {
        terminal.print("%,d requests; nothing was sent.".formatted(report.items()));
        terminal.print("");
        terminal.print(
                "%-12s %-28s %-22s %11s %14s %14s %-5s %12s"
                        .formatted(
                                "PROVIDER",
                                "MODEL",
                                "ENDPOINT",
                                "REQUESTS",
                                "TOKENS IN",
                                "TOKENS OUT",
                                "LANE",
                                "COST"));
        estimates.forEach(
                (target, estimate) ->
                        terminal.print(
                                "%-12s %-28s %-22s %,11d %,14d %,14d %-5s %12s"
                                        .formatted(
                                                target.provider(),
                                                target.model(),
                                                target.endpoint(),
                                                estimate.items(),
                                                estimate.usage().inputTokens(),
                                                estimate.usage().outputTokens(),
                                                lane(target),
                                                cost(target, estimate)
                                                        .map(cost -> "~" + cost)
                                                        .orElse("no price"))));
        terminal.print("");
        estimates.keySet().forEach(target -> terminal.print(reason(target)));
        terminal.print("Estimated cost: ~%s%s".formatted(total(), unpriced()));
        terminal.print(
                "Tokens are guessed from the bytes of the requests; answers without a limit of their own are taken as %d tokens."
                        .formatted(TokenEstimator.DEFAULT_OUTPUT));
        for (Warning warning : report.warnings()) {
            terminal.say("Warning: %s", warning);
        }
    }

    private Map<String, Object> fields(LoadReport report) {
        var fields = new LinkedHashMap<String, Object>();
        Usage usage =
                estimates.values().stream().map(Estimate::usage).reduce(Usage.NONE, Usage::plus);
        fields.put("event", "dry_run");
        fields.put("items", report.items());
        fields.put("input_tokens", usage.inputTokens());
        fields.put("output_tokens", usage.outputTokens());
        fields.put("cost_usd", total().usd().stripTrailingZeros());
        fields.put("models", report.models());
        fields.put("endpoints", report.endpoints());
        fields.put("providers", report.providers());
        fields.put("lanes", lanes());
        fields.put("warnings", report.warnings().size());
        return fields;
    }

    private Optional<Cost> cost(Target target, Estimate estimate) {
        Estimate live = estimate.part(liveItems(target));
        Estimate batch = estimate.part(estimate.items() - live.items());
        Optional<Cost> batchCost = batchCost(target, batch).or(() -> liveCost(target, batch));
        return liveCost(target, live).flatMap(cost -> batchCost.map(cost::plus));
    }

    private Map<String, Long> lanes() {
        var lanes = new TreeMap<String, Long>();
        estimates.forEach(
                (target, estimate) -> {
                    if (choice(target) instanceof LanePolicy.Choice.Share(long live, var reason)) {
                        lanes.merge("live", live, Long::sum);
                        lanes.merge("batch", estimate.items() - live, Long::sum);
                    } else {
                        lanes.merge(lane(target), estimate.items(), Long::sum);
                    }
                });
        return lanes;
    }

    private long liveItems(Target target) {
        long all = Objects.requireNonNull(estimates.get(target)).items();
        return switch (choice(target)) {
            case LanePolicy.Choice.Take(Lane lane, String reason) -> lane == Lane.BATCH ? 0 : all;
            case LanePolicy.Choice.Share(long live, String reason) -> live;
            case LanePolicy.Choice.Refuse(String problem) -> all;
        };
    }

    private Optional<Cost> liveCost(Target target, Estimate estimate) {
        return workbench.prices().live(target.provider(), target.model(), estimate.usage());
    }

    private Optional<Cost> batchCost(Target target, Estimate estimate) {
        return workbench.prices().batch(target.provider(), target.model(), estimate.usage());
    }

    private String lane(Target target) {
        return switch (choice(target)) {
            case LanePolicy.Choice.Take(Lane lane, String reason) ->
                    lane == Lane.BATCH ? "batch" : "live";
            case LanePolicy.Choice.Share share -> "both";
            case LanePolicy.Choice.Refuse(String problem) -> "none";
        };
    }

    private String reason(Target target) {
        String of = "%s %s %s: ".formatted(target.provider(), target.model(), target.endpoint());
        return of
                + switch (choice(target)) {
                    case LanePolicy.Choice.Take(Lane lane, String reason) ->
                            "%s lane, %s".formatted(lane == Lane.BATCH ? "batch" : "live", reason);
                    case LanePolicy.Choice.Share(long live, String reason) ->
                            "%,d live, the rest in batches, %s".formatted(live, reason);
                    case LanePolicy.Choice.Refuse(String problem) -> problem;
                };
    }

    private LanePolicy.Choice choice(Target target) {
        return choices.computeIfAbsent(target, this::choose);
    }

    private LanePolicy.Choice choose(Target target) {
        Estimate estimate = Objects.requireNonNull(estimates.get(target));
        var group =
                new LanePolicy.Group(
                        target.provider(),
                        workbench.offer(
                                spec.mode(),
                                way.provider(target.provider()),
                                target.provider(),
                                target.endpoint(),
                                target.model()),
                        estimate.items(),
                        liveCost(target, estimate),
                        batchCost(target, estimate));
        Instant now = workbench.clock().instant();
        long items = estimates.values().stream().mapToLong(Estimate::items).sum();
        var needed = new Timetable.LiveTime(Duration.ZERO, liveTime(items), Duration.ZERO);
        return workbench
                .lanePolicy()
                .choose(
                        spec.mode(),
                        group,
                        new Timetable(now, spec.deadline()).outlook(now, needed));
    }

    private Duration liveTime(long items) {
        return LiveRate.assumed(
                items,
                spec.live().concurrency().orElse(0),
                spec.live().requestsPerMinute().orElse(0));
    }

    private Cost total() {
        Cost total = Cost.ZERO;
        for (var entry : estimates.entrySet()) {
            total = total.plus(cost(entry.getKey(), entry.getValue()).orElse(Cost.ZERO));
        }
        return total;
    }

    private String unpriced() {
        long without =
                estimates.entrySet().stream()
                        .filter(entry -> cost(entry.getKey(), entry.getValue()).isEmpty())
                        .count();
        return without == 0
                ? ""
                : " (without the models that have no known price; add them under `prices` in"
                        + " batchwright.yaml)";
    }
}
