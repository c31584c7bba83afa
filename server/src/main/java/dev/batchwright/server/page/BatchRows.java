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

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Job;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.Views.JobBatch;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Batches as rows of a table: where each is, and what it waits for. */
final class BatchRows {
    private BatchRows() {}

    /** Of all jobs. */
    static Html table(List<JobBatch> batches, Instant now) {
        return Parts.grid(
                "Batches under way",
                List.of("Batch", "Job", "State", "Model", "Done", "Reserved#", "Since#", "Why"),
                each(batches, each -> row(each.batch(), Optional.of(each.job()), now)));
    }

    /** Of one job. */
    static Html ofJob(List<StoredBatch> batches, Instant now) {
        return Parts.grid(
                "Batches of this job",
                List.of("Batch", "State", "Model", "Done", "Reserved#", "Since#", "Why"),
                each(batches, each -> row(each, Optional.empty(), now)));
    }

    private static Html row(StoredBatch batch, Optional<Job> job, Instant now) {
        BatchShard shard = batch.batch();
        return tr(
                cell("Batch", text("#" + batch.shard()), round(batch)),
                job.map(BatchRows::ofJob).orElse(Html.none()),
                cell("State", Parts.badge(Words.of(batch))),
                cell(
                        "Model",
                        Parts.written(shard.model().isEmpty() ? "several" : shard.model()),
                        span(cls("under"), text(shard.provider()))),
                cell("Done", done(batch)),
                number("Reserved", batch.settled() ? "\u2013" : shard.reserved().toString()),
                number("Since", since(shard.state(), now)),
                cell(
                        "Why",
                        span(cls("why"), Parts.written(Words.course(batch))),
                        span(cls("under"), Parts.written("in a batch: " + shard.reason()))));
    }

    private static Html ofJob(Job job) {
        return cell(
                "Job",
                a(cls("name"), href(Link.to("jobs", job.id())), Parts.written(job.spec().name())));
    }

    private static Html round(StoredBatch batch) {
        return batch.round() == 1
                ? Html.none()
                : span(cls("under"), text("round " + batch.round()));
    }

    private static Html done(StoredBatch batch) {
        return span(
                cls("done"),
                Icons.progress(batch.finished() - batch.failed(), batch.failed(), batch.items()),
                span(
                        cls("of"),
                        text(
                                "%s / %s"
                                        .formatted(
                                                Figures.count(batch.finished()),
                                                Figures.count(batch.items())))));
    }

    private static Html since(BatchState state, Instant now) {
        return switch (state) {
            case BatchState.Creating(var tag, var file, Instant since) -> Parts.age(since, now);
            case BatchState.Running(var tag, var id, Instant created) -> Parts.age(created, now);
            case BatchState.Planned planned -> text("\u2013");
            case BatchState.Uploading uploading -> text("\u2013");
            case BatchState.Ended ended -> text("\u2013");
            case BatchState.Quarantined quarantined -> text("\u2013");
        };
    }
}
