package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Parts.cell;
import static dev.batchwright.server.page.Parts.number;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.tr;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Progress;
import dev.batchwright.store.Views.JobLine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Jobs as rows of a table. */
final class JobRows {
    /** Over this time a rate is taken: batches end in bursts, and live calls every second. */
    static final Duration RATE_TIME = Duration.ofSeconds(60);

    private JobRows() {}

    /**
     * @param completed how many items each job has completed in {@link #RATE_TIME}
     */
    static Html table(Visit visit, List<JobLine> jobs, Map<JobId, Long> completed, Instant now) {
        return Parts.grid(
                "Jobs",
                List.of("Job", "State", "Lane", "Done", "Failed#", "Rate#", "Cost#", "Age#"),
                each(jobs, line -> row(visit, line, completed, now)));
    }

    private static Html row(Visit visit, JobLine line, Map<JobId, Long> completed, Instant now) {
        Job job = line.job();
        Progress progress = line.progress();
        double rate = completed.getOrDefault(job.id(), 0L) / (double) RATE_TIME.toSeconds();
        return tr(
                cell(
                        "Job",
                        a(
                                cls("name"),
                                href(Link.to("jobs", job.id())),
                                Parts.written(job.spec().name())),
                        span(cls("under"), text(under(visit, job)))),
                cell("State", Parts.badge(Words.of(job.state()))),
                cell("Lane", text(Words.of(line.items()))),
                cell("Done", done(progress)),
                number(
                        "Failed",
                        span(
                                cls(progress.failed() > 0 ? "bad" : "none"),
                                text(Figures.count(progress.failed())))),
                number("Rate", rate > 0 ? Figures.perSecond(rate) : "\u2013"),
                number("Cost", progress.cost().toString()),
                number("Age", Parts.age(job.createdAt(), now)));
    }

    private static String under(Visit visit, Job job) {
        String owner = job.spec().owner();
        return visit.tellsOwners() && !owner.isEmpty()
                ? job.id() + " \u00b7 " + owner
                : job.id().value();
    }

    /** How far it is: drawn, and in figures. */
    static Html done(Progress progress) {
        return span(
                cls("done"),
                Icons.progress(progress.succeeded(), progress.failed(), progress.items()),
                span(
                        cls("of"),
                        text(
                                "%s / %s"
                                        .formatted(
                                                Figures.count(progress.done()),
                                                Figures.count(progress.items())))));
    }
}
