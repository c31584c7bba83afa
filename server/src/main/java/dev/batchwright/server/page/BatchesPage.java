package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.p;

import dev.batchwright.store.JobStore;
import dev.batchwright.store.Views.JobBatch;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The batches that are under way, of all jobs. */
final class BatchesPage {
    private static final int MOST = 200;

    private final JobStore store;
    private final InstantSource clock;

    BatchesPage(JobStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    Live live(Visit visit) {
        List<JobBatch> found = store.views().openBatches(visit.whose(), MOST + 1);
        List<JobBatch> shown = found.subList(0, Math.min(MOST, found.size()));
        Html content =
                Html.group(
                        h1(text("Batches")),
                        shown.isEmpty()
                                ? Parts.empty(
                                        "No batch is under way. Those that are over are on the"
                                                + " pages of their jobs.")
                                : BatchRows.table(shown, clock.instant()),
                        when(
                                found.size() > MOST,
                                () ->
                                        p(
                                                cls("note"),
                                                text(
                                                        "These are the oldest %d; there are more."
                                                                .formatted(MOST)))));
        return new Live(Link.to("batches"), Optional.of(3), content);
    }
}
