package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.action;
import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Parts.cell;
import static dev.batchwright.server.page.Parts.fact;
import static dev.batchwright.server.page.Parts.number;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.button;
import static dev.batchwright.server.page.Tags.code;
import static dev.batchwright.server.page.Tags.details;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.dl;
import static dev.batchwright.server.page.Tags.form;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.h2;
import static dev.batchwright.server.page.Tags.li;
import static dev.batchwright.server.page.Tags.ol;
import static dev.batchwright.server.page.Tags.p;
import static dev.batchwright.server.page.Tags.section;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.strong;
import static dev.batchwright.server.page.Tags.summary;
import static dev.batchwright.server.page.Tags.tr;

import dev.batchwright.answer.AnswerText;
import dev.batchwright.engine.Activity;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;
import dev.batchwright.price.PriceTable;
import dev.batchwright.server.ServingContext;
import dev.batchwright.store.JobEvent;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.StoredResult;
import dev.batchwright.store.Views;
import dev.batchwright.store.Views.FailureGroup;
import dev.batchwright.store.Views.ItemFilter;
import dev.batchwright.store.Views.ItemLook;
import dev.batchwright.store.Views.Stretch;
import dev.batchwright.store.WorkerInfo;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** One job: how far it is, in which lanes, what it costs, what failed and why. */
final class JobPage {
    private static final int LEAST_STRETCHES = 12;
    private static final int EVENTS = 30;
    private static final int GROUPS = 8;
    private static final int EXAMPLES = 3;
    private static final int BATCHES_UNDER_WAY = 50;
    private static final int BATCHES_OVER = 10;
    private static final int LONGEST_MESSAGE = 400;

    private final ServingContext context;
    private final JobStore store;

    JobPage(ServingContext context) {
        this.context = context;
        this.store = context.workbench().store();
    }

    /** What was counted in it, from its first outcome to the last, or to now while it goes on. */
    Series series(Job job) {
        Views.History history = store.views().history(job.id());
        List<Stretch> stretches = history.stretches();
        Instant first = stretches.isEmpty() ? job.createdAt() : stretches.getFirst().at();
        Instant last = stretches.isEmpty() ? first : stretches.getLast().at();
        Instant now = context.clock().instant();
        // While nothing is counted for long, as when a batch runs, the chart does not grow.
        Instant most = last.plus(history.width().multipliedBy(60));
        Instant end =
                job.state() instanceof JobState.Active && now.isAfter(last)
                        ? (now.isBefore(most) ? now : most)
                        : last;
        // A little before and after: one stretch alone is no chart.
        Instant from = first.minus(history.width());
        Instant least = from.plus(history.width().multipliedBy(LEAST_STRETCHES));
        Instant to = end.plus(history.width());
        return Series.of(
                stretches,
                history.width(),
                from,
                to.isBefore(least) ? least : to,
                context.workbench().prices());
    }

    Live live(Visit visit, Job job) {
        boolean goesOn = job.state() instanceof JobState.Active;
        Progress progress = store.progress(job.id());
        List<WorkerInfo> workers = store.workers(job.id());
        List<StoredBatch> batches = store.batches(job.id());
        boolean underWay = batches.stream().anyMatch(batch -> !batch.settled());
        Optional<Activity> activity =
                context.crew().pursuit(job.id()).flatMap(pursuit -> pursuit.activity());
        boolean idle = goesOn && workers.isEmpty() && context.crew().pursuit(job.id()).isEmpty();
        Instant now = context.clock().instant();
        Series series = series(job);
        List<JobEvent> events = store.views().lastEvents(job.id(), EVENTS);
        Html content =
                Html.group(
                        heading(visit, job, progress, idle),
                        progress(job, progress, activity, now),
                        facts(job, progress, batches, workers, now),
                        lanes(job, batches, events),
                        when(
                                !batches.isEmpty(),
                                () ->
                                        section(
                                                h2(text("Batches")),
                                                BatchRows.ofJob(shown(batches), now),
                                                more(batches))),
                        when(
                                progress.done() > 0,
                                () ->
                                        section(
                                                h2(text("Over time")),
                                                Parts.charts(
                                                        Link.to("jobs", job.id(), "series"),
                                                        series,
                                                        goesOn))),
                        when(progress.failed() > 0, () -> failures(job.id())),
                        events(events));
        Optional<Integer> seconds = goesOn || underWay ? Optional.of(2) : Optional.empty();
        return new Live(Link.to("jobs", job.id()), seconds, content);
    }

    private static Html heading(Visit visit, Job job, Progress progress, boolean idle) {
        String problem = Words.problem(job.state());
        return Html.group(
                div(
                        cls("heading job"),
                        div(
                                h1(Parts.written(job.spec().name())),
                                p(
                                        cls("under"),
                                        code(text(job.id().value())),
                                        text(" from "),
                                        Parts.written(job.spec().input()))),
                        div(
                                cls("actions"),
                                Parts.badge(Words.of(job.state())),
                                retry(visit, job, progress, idle),
                                cancel(visit, job))),
                when(!problem.isEmpty(), () -> p(cls("problem"), Parts.written(problem))),
                when(
                        idle,
                        () ->
                                p(
                                        cls("problem"),
                                        text(
                                                "Nobody works on this job: the process that ran it"
                                                        + " is gone."))));
    }

    private static Html retry(Visit visit, Job job, Progress progress, boolean idle) {
        boolean running = job.state() instanceof JobState.Active && !idle;
        if (running || progress.failed() + progress.pending() == 0) {
            return Html.none();
        }
        String what =
                progress.failed() == 0
                        ? "Go on"
                        : progress.pending() == 0
                                ? "Retry " + Figures.count(progress.failed()) + " failed"
                                : "Retry failed and go on";
        return form(
                Attribute.of("method", "post"),
                action(Link.to("jobs", job.id(), "retry")),
                Frame.token(visit),
                button(cls("main"), text(what)));
    }

    private static Html cancel(Visit visit, Job job) {
        boolean over =
                job.state() instanceof JobState.Finished
                        || job.state() instanceof JobState.Cancelled;
        return when(
                !over,
                () ->
                        details(
                                cls("menu"),
                                summary(text("Cancel\u2026")),
                                form(
                                        Attribute.of("method", "post"),
                                        action(Link.to("jobs", job.id(), "cancel")),
                                        Frame.token(visit),
                                        p(
                                                text(
                                                        "Calls under way are finished, batches are"
                                                            + " cancelled at the provider, and what"
                                                            + " they have done is kept. It can be"
                                                            + " gone on with later.")),
                                        button(cls("danger"), text("Cancel this job")))));
    }

    private Html progress(Job job, Progress progress, Optional<Activity> activity, Instant now) {
        int percent = Figures.percent(progress.done(), progress.items());
        OptionalDouble rate = rate(job, now);
        return section(
                cls("progress-block"),
                Icons.progress(progress.succeeded(), progress.failed(), progress.items()),
                div(
                        cls("legend"),
                        span(
                                strong(text(percent + " %")),
                                text(
                                        " %s of %s done"
                                                .formatted(
                                                        Figures.count(progress.done()),
                                                        Figures.count(progress.items())))),
                        span(
                                cls("key ok"),
                                text(Figures.count(progress.succeeded()) + " succeeded")),
                        span(cls("key bad"), text(Figures.count(progress.failed()) + " failed")),
                        span(cls("key left"), text(Figures.count(progress.pending()) + " pending")),
                        rate.isPresent()
                                ? span(text(speed(rate.getAsDouble(), progress)))
                                : Html.none(),
                        activity.map(JobPage::activity).orElse(Html.none())),
                // Tells those who listen when a tenth more is done, and not every two seconds.
                p(
                        cls("unseen"),
                        Attribute.of("role", "status"),
                        Attribute.of("aria-live", "polite"),
                        text(
                                "Job %s, about %d percent done"
                                        .formatted(
                                                Words.of(job.state()),
                                                percent == 100 ? 100 : percent / 10 * 10))));
    }

    private OptionalDouble rate(Job job, Instant now) {
        Long completed = store.views().completedSince(now.minus(JobRows.RATE_TIME)).get(job.id());
        double seconds =
                Math.clamp(
                        Duration.between(job.createdAt(), now).toSeconds(),
                        1,
                        JobRows.RATE_TIME.toSeconds());
        return completed == null || !(job.state() instanceof JobState.Active)
                ? OptionalDouble.empty()
                : OptionalDouble.of(completed / seconds);
    }

    private static String speed(double rate, Progress progress) {
        Duration left = Duration.ofSeconds((long) Math.ceil(progress.pending() / rate));
        return "%s, %s left".formatted(Figures.perSecond(rate), Figures.span(left));
    }

    private static Html activity(Activity now) {
        return span(
                text(
                        "%s under way, %s throttled, %s retried"
                                .formatted(
                                        Words.counted(now.calls(), "call"),
                                        Figures.count(now.throttled()),
                                        Figures.count(now.retried()))));
    }

    private Html facts(
            Job job,
            Progress progress,
            List<StoredBatch> batches,
            List<WorkerInfo> workers,
            Instant now) {
        var facts = new ArrayList<Html>();
        facts.add(fact("Cost", text(progress.cost().toString())));
        if (batches.stream().anyMatch(batch -> !batch.settled())) {
            facts.add(fact("Reserved", text(store.reserved(job.id()).toString())));
        }
        if (!batches.isEmpty()) {
            facts.add(
                    fact(
                            "Saved by batches",
                            span(
                                    cls("saved"),
                                    text(
                                            saved(batches, context.workbench().prices())
                                                    .map(Cost::toString)
                                                    .orElse("price not known")))));
        }
        job.spec().maxCost().ifPresent(cap -> facts.add(fact("Budget", text(cap.toString()))));
        facts.add(
                fact(
                        "Tokens in",
                        Html.group(
                                text(Figures.count(progress.usage().inputTokens())),
                                when(
                                        progress.usage().cachedTokens() > 0,
                                        () ->
                                                span(
                                                        cls("under"),
                                                        text(
                                                                Figures.count(
                                                                                progress.usage()
                                                                                        .cachedTokens())
                                                                        + " cached"))))));
        facts.add(fact("Tokens out", text(Figures.count(progress.usage().outputTokens()))));
        facts.add(fact("Mode", text(Words.of(job.spec().mode()))));
        job.spec().deadline().ifPresent(at -> facts.add(fact("Deadline", Parts.time(at))));
        facts.add(fact("Created", Parts.time(job.createdAt())));
        if (!job.spec().owner().isEmpty()) {
            facts.add(fact("Owner", Parts.written(job.spec().owner())));
        }
        job.spec().metadata().forEach((key, value) -> facts.add(fact(key, Parts.written(value))));
        for (WorkerInfo worker : workers) {
            facts.add(
                    fact(
                            "Worked on by",
                            Html.group(
                                    text("process %d on ".formatted(worker.pid())),
                                    Parts.written(worker.host()),
                                    text(", "),
                                    Parts.age(worker.since(), now))));
        }
        return dl(cls("facts"), new Html.Group(facts));
    }

    /** What its batches would have cost more, live; empty where a price is not known. */
    private static Optional<Cost> saved(List<StoredBatch> batches, PriceTable prices) {
        Cost saved = Cost.ZERO;
        for (StoredBatch each : batches) {
            Optional<Cost> more =
                    prices.saved(
                            each.batch().provider(),
                            each.batch().model(),
                            each.usage(),
                            each.cost());
            if (more.isEmpty()) {
                return Optional.empty();
            }
            saved = saved.plus(more.get());
        }
        return Optional.of(saved);
    }

    private Html lanes(Job job, List<StoredBatch> batches, List<JobEvent> events) {
        Map<Lane, Progress> lanes = store.progressByLane(job.id());
        List<Map.Entry<Lane, Progress>> shown =
                lanes.entrySet().stream()
                        .filter(lane -> lane.getKey() != Lane.OPEN || lane.getValue().items() > 0)
                        .sorted(Map.Entry.comparingByKey())
                        .toList();
        Optional<String> plan =
                events.stream()
                        .filter(event -> event.kind().equals("planned"))
                        .map(JobEvent::detail)
                        .findFirst();
        return section(
                div(
                        cls("heading"),
                        h2(text("Lanes")),
                        a(href(Link.to("jobs", job.id(), "items")), text("All items"))),
                Parts.grid(
                        "Lanes",
                        List.of("Lane", "Items#", "Done#", "Failed#", "Batches#", "Spent#"),
                        each(shown, lane -> lane(lane.getKey(), lane.getValue(), batches.size()))),
                plan.map(words -> p(cls("note"), text("Planned: "), Parts.written(words)))
                        .orElse(Html.none()));
    }

    private static Html lane(Lane lane, Progress progress, int batches) {
        return tr(
                cell("Lane", text(Words.of(lane))),
                number("Items", Figures.count(progress.items())),
                number("Done", Figures.count(progress.done())),
                number("Failed", Figures.count(progress.failed())),
                number("Batches", lane == Lane.BATCH ? Figures.count(batches) : ""),
                number("Spent", progress.cost().toString()));
    }

    // Those under way first; of those that are over, the newest.
    private static List<StoredBatch> shown(List<StoredBatch> batches) {
        var shown = new ArrayList<StoredBatch>();
        batches.stream()
                .filter(batch -> !batch.settled())
                .limit(BATCHES_UNDER_WAY)
                .forEach(shown::add);
        batches.reversed().stream()
                .filter(StoredBatch::settled)
                .limit(BATCHES_OVER)
                .forEach(shown::add);
        return shown;
    }

    private static Html more(List<StoredBatch> batches) {
        int hidden = batches.size() - shown(batches).size();
        return hidden == 0
                ? Html.none()
                : p(
                        cls("note"),
                        text(
                                "And %s more; `batchwright status --json` has all."
                                        .formatted(Figures.count(hidden))));
    }

    private Html failures(JobId job) {
        List<FailureGroup> found = store.views().failures(job, GROUPS + 1);
        List<FailureGroup> shown = found.subList(0, Math.min(GROUPS, found.size()));
        return section(
                div(
                        cls("heading"),
                        h2(text("Errors by cause")),
                        a(
                                href(Link.to("jobs", job, "items").with("show", "failed")),
                                text("All failed items"))),
                Parts.grid(
                        "Errors by cause",
                        List.of("Items#", "Cause", "Example"),
                        each(shown, group -> failure(job, group))),
                when(
                        found.size() > GROUPS,
                        () -> p(cls("note"), text("There are more causes, with fewer items."))));
    }

    private Html failure(JobId job, FailureGroup group) {
        List<ItemLook> examples =
                store.views()
                        .items(
                                job,
                                new ItemFilter.FailedOf(group.status(), group.cause()),
                                0,
                                EXAMPLES);
        Link all =
                Link.to("jobs", job, "items")
                        .with("show", "failed")
                        .with("status", group.status())
                        .with("cause", group.cause());
        return tr(
                number("Items", a(href(all), text(Figures.count(group.items())))),
                cell(
                        "Cause",
                        Parts.written(group.cause().isEmpty() ? "not told" : group.cause()),
                        span(
                                cls("under"),
                                text(
                                        group.status() == 0
                                                ? "no answer"
                                                : "HTTP " + group.status()))),
                cell(
                        "Example",
                        span(cls("why"), Parts.written(message(job, examples))),
                        span(
                                cls("under"),
                                each(
                                        examples,
                                        item ->
                                                Html.group(
                                                        a(
                                                                href(
                                                                        Link.to(
                                                                                "jobs",
                                                                                job,
                                                                                "items",
                                                                                item.seq())),
                                                                Parts.written(item.customId())),
                                                        text(" "))))));
    }

    private String message(JobId job, List<ItemLook> examples) {
        String message =
                examples.stream()
                        .findFirst()
                        .flatMap(item -> store.views().result(job, item.seq()))
                        .map(StoredResult::answer)
                        .map(answer -> AnswerText.of(answer).error())
                        .orElse("");
        return message.length() <= LONGEST_MESSAGE
                ? message
                : message.substring(0, LONGEST_MESSAGE) + "\u2026";
    }

    private static Html events(List<JobEvent> events) {
        return section(
                h2(text("Events")),
                ol(
                        cls("events"),
                        each(
                                events,
                                event ->
                                        li(
                                                Parts.time(event.at()),
                                                strong(text(event.kind())),
                                                Parts.written(event.detail())))));
    }
}
