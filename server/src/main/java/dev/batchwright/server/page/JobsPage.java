package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.h1;

import dev.batchwright.job.JobId;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Views;
import dev.batchwright.store.Views.JobLine;
import dev.batchwright.store.Views.JobPlace;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All jobs, the newest first, a page at a time. */
final class JobsPage {
    private static final int PAGE = 50;
    private static final List<String> STATES =
            List.of("active", "blocked", "stopped", "cancelled", "finished");

    private final JobStore store;
    private final InstantSource clock;

    JobsPage(JobStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * @param state the word of one; anything else: all
     * @param before the job that ends the page before, as {@link #place} writes it
     */
    Live live(Visit visit, Optional<String> state, Optional<String> before) {
        Views views = store.views();
        Optional<String> known = state.filter(STATES::contains);
        List<JobLine> found =
                views.jobs(
                        new Views.Filter(visit.whose(), known),
                        before.flatMap(JobsPage::place),
                        PAGE + 1);
        List<JobLine> page = found.subList(0, Math.min(PAGE, found.size()));
        Instant now = clock.instant();
        Map<JobId, Long> completed = views.completedSince(now.minus(JobRows.RATE_TIME));
        Html content =
                Html.group(
                        h1(text("Jobs")),
                        choices(views.jobsByState(visit.whose()), known),
                        page.isEmpty()
                                ? Parts.empty(nothing(known))
                                : JobRows.table(visit, page, completed, now),
                        div(
                                cls("pager"),
                                when(
                                        before.isPresent(),
                                        () ->
                                                a(
                                                        href(self(known, Optional.empty())),
                                                        text("\u2190 Newest"))),
                                when(
                                        found.size() > PAGE,
                                        () ->
                                                a(
                                                        href(
                                                                self(
                                                                        known,
                                                                        Optional.of(
                                                                                place(
                                                                                        page
                                                                                                .getLast())))),
                                                        text("Older \u2192")))));
        return new Live(self(known, before), Optional.of(2), content);
    }

    private static String nothing(Optional<String> state) {
        return state.map("No job is %s."::formatted)
                .orElse(
                        "No jobs yet. A call to /v1/chat/completions, a batch, or `batchwright run`"
                                + " on this store makes one.");
    }

    private static Link self(Optional<String> state, Optional<String> before) {
        Link link = Link.to("jobs");
        link = state.isPresent() ? link.with("state", state.get()) : link;
        return before.isPresent() ? link.with("before", before.get()) : link;
    }

    private static String place(JobLine line) {
        return line.job().createdAt().toEpochMilli() + "-" + line.job().id();
    }

    private static Optional<JobPlace> place(String written) {
        String[] parts = written.split("-", 2);
        return parts.length == 2
                        && parts[0].matches("\\d{1,15}")
                        && parts[1].matches("job_[a-z0-9]{1,60}")
                ? Optional.of(
                        new JobPlace(
                                Instant.ofEpochMilli(Long.parseLong(parts[0])),
                                new JobId(parts[1])))
                : Optional.empty();
    }

    private static Html choices(Map<String, Long> counts, Optional<String> chosen) {
        var choices = new Parts.Choice[STATES.size() + 1];
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        choices[0] =
                new Parts.Choice(
                        "All " + Figures.count(all),
                        self(Optional.empty(), Optional.empty()),
                        chosen.isEmpty());
        for (int i = 0; i < STATES.size(); i++) {
            String state = STATES.get(i);
            choices[i + 1] =
                    new Parts.Choice(
                            state + " " + Figures.count(counts.getOrDefault(state, 0L)),
                            self(Optional.of(state), Optional.empty()),
                            chosen.equals(Optional.of(state)));
        }
        return Parts.choices("Jobs by state", choices);
    }
}
