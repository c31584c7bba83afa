package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.dl;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.h2;
import static dev.batchwright.server.page.Tags.li;
import static dev.batchwright.server.page.Tags.p;
import static dev.batchwright.server.page.Tags.section;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.ul;

import dev.batchwright.engine.Activity;
import dev.batchwright.job.JobId;
import dev.batchwright.limit.Throttles;
import dev.batchwright.server.ServingContext;
import dev.batchwright.store.Account;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Views;
import dev.batchwright.store.Views.JobBatch;
import dev.batchwright.store.Views.JobLine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What goes on, over all jobs. */
final class OverviewPage {
    private static final int JOBS = 8;
    private static final int ACTIVE = 200;
    private static final int BATCHES = 200;

    /** How far back the charts go. */
    enum Range {
        HOUR("1h", Duration.ofHours(1), Duration.ofMinutes(1)),
        DAY("24h", Duration.ofDays(1), Duration.ofMinutes(10)),
        WEEK("7d", Duration.ofDays(7), Duration.ofHours(1)),
        MONTH("30d", Duration.ofDays(30), Duration.ofHours(6));

        private final String word;
        private final Duration length;
        private final Duration width;

        Range(String word, Duration length, Duration width) {
            this.word = word;
            this.length = length;
            this.width = width;
        }

        /** The range of a word; a day where there is none. */
        static Range named(Optional<String> word) {
            return Arrays.stream(values())
                    .filter(range -> word.equals(Optional.of(range.word)))
                    .findFirst()
                    .orElse(DAY);
        }
    }

    private final ServingContext context;
    private final JobStore store;

    OverviewPage(ServingContext context) {
        this.context = context;
        this.store = context.workbench().store();
    }

    Series series(Visit visit, Range range) {
        Instant now = context.clock().instant();
        Instant since = now.minus(range.length);
        return Series.of(
                store.views().history(visit.whose(), since, range.width),
                range.width,
                since,
                now,
                context.workbench().prices());
    }

    Live live(Visit visit, Range range) {
        Views views = store.views();
        Instant now = context.clock().instant();
        Map<String, Long> counts = views.jobsByState(visit.whose());
        Series series = series(visit, range);
        List<JobBatch> batches = views.openBatches(visit.whose(), BATCHES);
        List<JobLine> active = jobs(visit, "active", ACTIVE);
        Map<JobId, Long> completed = views.completedSince(now.minus(JobRows.RATE_TIME));
        Html content =
                Html.group(
                        h1(cls("unseen"), text("Overview")),
                        stats(visit, range, counts, series, active, batches.size()),
                        attention(visit, counts),
                        section(
                                div(
                                        cls("heading"),
                                        h2(text("Throughput and spend")),
                                        ranges(range)),
                                Parts.charts(
                                        Link.to("series").with("range", range.word), series, true)),
                        section(
                                div(
                                        cls("heading"),
                                        h2(text("Active jobs")),
                                        a(href(Link.to("jobs")), text("All jobs"))),
                                active.isEmpty()
                                        ? Parts.empty("Nothing runs at the moment.")
                                        : JobRows.table(
                                                visit,
                                                active.subList(0, Math.min(JOBS, active.size())),
                                                completed,
                                                now)),
                        when(
                                !batches.isEmpty(),
                                () ->
                                        section(
                                                div(
                                                        cls("heading"),
                                                        h2(text("Batches under way")),
                                                        a(
                                                                href(Link.to("batches")),
                                                                text("All batches"))),
                                                BatchRows.table(
                                                        batches.subList(
                                                                0, Math.min(JOBS, batches.size())),
                                                        now))),
                        limiters(visit),
                        budgets(visit));
        return new Live(Link.to().with("range", range.word), Optional.of(3), content);
    }

    /** They are the server's own, and say what others ask for: for those who see everything. */
    private Html limiters(Visit visit) {
        List<Throttles.Known> limiters =
                visit.seesAll()
                        ? context.workbench().limiters().stream().limit(JOBS).toList()
                        : List.of();
        return when(
                !limiters.isEmpty(),
                () -> section(h2(text("Limits")), LimiterRows.table(limiters)));
    }

    private Html budgets(Visit visit) {
        List<Account> accounts =
                store.accounts().all().stream()
                        .filter(account -> visit.caller().sees(account.owner()))
                        .toList();
        return when(
                !accounts.isEmpty(),
                () -> section(h2(text("Budgets")), BudgetRows.table(accounts)));
    }

    private List<JobLine> jobs(Visit visit, String state, int most) {
        return store.views()
                .jobs(new Views.Filter(visit.whose(), Optional.of(state)), Optional.empty(), most);
    }

    private static Html ranges(Range chosen) {
        return Parts.choices(
                "How far back",
                Arrays.stream(Range.values())
                        .map(
                                range ->
                                        new Parts.Choice(
                                                range.word,
                                                Link.to().with("range", range.word),
                                                range == chosen))
                        .toArray(Parts.Choice[]::new));
    }

    private Html stats(
            Visit visit,
            Range range,
            Map<String, Long> counts,
            Series series,
            List<JobLine> active,
            int batches) {
        long failed = series.allFailed();
        List<Activity> activities = activities(active);
        int calls = activities.stream().mapToInt(Activity::calls).sum();
        return dl(
                cls("stats"),
                Parts.stat(
                        "Active jobs",
                        text(Figures.count(counts.getOrDefault("active", 0L))),
                        Words.counted(counts.values().stream().mapToLong(n -> n).sum(), "job")
                                + " in all"),
                Parts.stat(
                        "Items to do",
                        text(Figures.brief(store.views().pendingItems(visit.whose()))),
                        "of active jobs"),
                Parts.stat(
                        "In flight",
                        text(Words.counted(calls, "call")),
                        batches >= BATCHES
                                ? "and more than %d batches".formatted(BATCHES - 1)
                                : "and " + batches + (batches == 1 ? " batch" : " batches")),
                Parts.stat(
                        "Done in " + range.word,
                        text(Figures.brief(series.allSucceeded() + failed)),
                        Figures.count(failed) + " failed"),
                Parts.stat(
                        "Spent in " + range.word,
                        text(series.allSpent().toString()),
                        "by list prices"),
                Parts.stat(
                        "Saved in " + range.word,
                        span(cls("saved"), text(series.allSaved().toString())),
                        "by batches"));
    }

    /** What this process does for these jobs. */
    private List<Activity> activities(List<JobLine> active) {
        return active.stream()
                .map(line -> line.job().id())
                .flatMap(id -> context.crew().pursuit(id).stream())
                .flatMap(pursuit -> pursuit.activity().stream())
                .toList();
    }

    /** Jobs that somebody has to do something about, with what happened. */
    private Html attention(Visit visit, Map<String, Long> counts) {
        if (counts.getOrDefault("blocked", 0L) + counts.getOrDefault("stopped", 0L) == 0) {
            return Html.none();
        }
        var lines = new ArrayList<>(jobs(visit, "blocked", JOBS));
        lines.addAll(jobs(visit, "stopped", JOBS));
        return section(
                cls("attention"),
                h2(text("Needs attention")),
                ul(
                        Html.each(
                                lines.subList(0, Math.min(JOBS, lines.size())),
                                line ->
                                        li(
                                                Parts.badge(Words.of(line.job().state())),
                                                a(
                                                        href(Link.to("jobs", line.job().id())),
                                                        Parts.written(line.job().spec().name())),
                                                p(
                                                        Parts.written(
                                                                Words.problem(
                                                                        line.job().state())))))));
    }
}
