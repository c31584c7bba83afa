package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.action;
import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Parts.cell;
import static dev.batchwright.server.page.Parts.number;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.button;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.form;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.input;
import static dev.batchwright.server.page.Tags.label;
import static dev.batchwright.server.page.Tags.p;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.tr;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredResult;
import dev.batchwright.store.Views.ItemFilter;
import dev.batchwright.store.Views.ItemLook;

import java.util.List;
import java.util.Optional;

/** The items of a job, in input order, a page at a time. */
final class ItemsPage {
    private static final int PAGE = 50;

    private final JobStore store;

    ItemsPage(JobStore store) {
        this.store = store;
    }

    /**
     * What is listed, as an address says it.
     *
     * @param after the place behind which it begins
     */
    record Query(ItemFilter filter, long after) {
        static Query of(
                Optional<String> show,
                Optional<String> status,
                Optional<String> cause,
                Optional<String> after) {
            ItemFilter filter =
                    switch (show.orElse("all")) {
                        case "succeeded" -> new ItemFilter.Succeeded();
                        case "failed" ->
                                status.filter(text -> text.matches("\\d{1,3}")).isPresent()
                                        ? new ItemFilter.FailedOf(
                                                Integer.parseInt(status.get()), cause.orElse(""))
                                        : new ItemFilter.Failed();
                        case "pending" -> new ItemFilter.Pending();
                        default -> new ItemFilter.All();
                    };
            return new Query(
                    filter,
                    after.filter(text -> text.matches("\\d{1,15}"))
                            .map(Long::parseLong)
                            .orElse(0L));
        }

        Link link(JobId job, long behind) {
            Link link = link(job, filter);
            return behind == 0 ? link : link.with("after", behind);
        }

        static Link link(JobId job, ItemFilter filter) {
            Link link = Link.to("jobs", job, "items");
            return switch (filter) {
                case ItemFilter.All all -> link;
                case ItemFilter.Succeeded succeeded -> link.with("show", "succeeded");
                case ItemFilter.Failed failed -> link.with("show", "failed");
                case ItemFilter.FailedOf(int status, String cause) ->
                        link.with("show", "failed").with("status", status).with("cause", cause);
                case ItemFilter.Pending pending -> link.with("show", "pending");
            };
        }
    }

    Live live(Job job, Query query) {
        Progress progress = store.progress(job.id());
        List<ItemLook> found =
                store.views().items(job.id(), query.filter(), query.after(), PAGE + 1);
        List<ItemLook> page = found.subList(0, Math.min(PAGE, found.size()));
        Html content =
                Html.group(
                        h1(
                                a(
                                        href(Link.to("jobs", job.id())),
                                        Parts.written(job.spec().name())),
                                span(cls("step"), text("Items"))),
                        div(
                                cls("heading"),
                                choices(job.id(), query.filter(), progress),
                                jump(job.id(), query.filter())),
                        cause(query.filter()),
                        page.isEmpty()
                                ? Parts.empty("No such items.")
                                : Parts.grid(
                                        "Items",
                                        List.of(
                                                "No.#",
                                                "Item",
                                                "State",
                                                "Model",
                                                "Status#",
                                                "Attempts#",
                                                "Tokens in#",
                                                "Tokens out#",
                                                "Cost#",
                                                "Answer#"),
                                        each(page, item -> row(job.id(), item))),
                        div(
                                cls("pager"),
                                when(
                                        query.after() > 0,
                                        () ->
                                                a(
                                                        href(query.link(job.id(), 0)),
                                                        text("\u2190 First"))),
                                when(
                                        found.size() > PAGE,
                                        () ->
                                                a(
                                                        href(
                                                                query.link(
                                                                        job.id(),
                                                                        page.getLast().seq())),
                                                        text("Next \u2192")))));
        Optional<Integer> seconds =
                job.state() instanceof JobState.Active ? Optional.of(5) : Optional.empty();
        return new Live(query.link(job.id(), query.after()), seconds, content);
    }

    private static Html choices(JobId job, ItemFilter chosen, Progress progress) {
        return Parts.choices(
                "Which items",
                choice(job, "All", progress.items(), new ItemFilter.All(), chosen),
                choice(job, "succeeded", progress.succeeded(), new ItemFilter.Succeeded(), chosen),
                choice(job, "failed", progress.failed(), new ItemFilter.Failed(), chosen),
                choice(job, "pending", progress.pending(), new ItemFilter.Pending(), chosen));
    }

    private static Parts.Choice choice(
            JobId job, String name, long count, ItemFilter filter, ItemFilter chosen) {
        return new Parts.Choice(
                name + " " + Figures.count(count),
                Query.link(job, filter),
                filter.getClass().equals(chosen.getClass()));
    }

    /** Where one looks for a certain place. */
    private static Html jump(JobId job, ItemFilter filter) {
        return form(
                cls("jump"),
                Attribute.of("method", "get"),
                action(Link.to("jobs", job, "items")),
                switch (filter) {
                    case ItemFilter.All all -> Html.none();
                    case ItemFilter.Succeeded succeeded -> show("succeeded");
                    case ItemFilter.Failed failed -> show("failed");
                    case ItemFilter.FailedOf failed -> show("failed");
                    case ItemFilter.Pending pending -> show("pending");
                },
                label(
                        text("Behind item "),
                        input(
                                Attribute.of("name", "after"),
                                Attribute.of("inputmode", "numeric"),
                                Attribute.of("pattern", "[0-9]{1,15}"),
                                Attribute.flag("required"))),
                button(cls("quiet"), text("Show")));
    }

    private static Html show(String what) {
        return input(
                Attribute.of("type", "hidden"),
                Attribute.of("name", "show"),
                Attribute.of("value", what));
    }

    private static Html cause(ItemFilter filter) {
        return filter instanceof ItemFilter.FailedOf(int status, String cause)
                ? p(
                        cls("note"),
                        text("Those that failed of "),
                        Parts.written(cause.isEmpty() ? "what was not told" : cause),
                        text(status == 0 ? ", without an answer." : ", HTTP " + status + "."))
                : Html.none();
    }

    private static Html row(JobId job, ItemLook item) {
        boolean pending = item.kind() == StoredResult.Kind.PENDING;
        return tr(
                number("No.", Figures.count(item.seq())),
                cell(
                        "Item",
                        a(
                                cls("name"),
                                href(Link.to("jobs", job, "items", item.seq())),
                                Parts.written(item.customId()))),
                cell(
                        "State",
                        Parts.badge(Words.of(item.kind())),
                        item.cause().isEmpty()
                                ? Html.none()
                                : span(cls("under"), Parts.written(item.cause()))),
                cell(
                        "Model",
                        Parts.written(item.model()),
                        span(cls("under"), Parts.written(item.endpoint()))),
                number("Status", item.status() == 0 ? "\u2013" : Integer.toString(item.status())),
                number("Attempts", pending ? "\u2013" : Figures.count(item.attempts())),
                number("Tokens in", pending ? "\u2013" : Figures.count(item.usage().inputTokens())),
                number(
                        "Tokens out",
                        pending ? "\u2013" : Figures.count(item.usage().outputTokens())),
                number("Cost", pending ? "\u2013" : item.cost().toString()),
                number("Answer", pending ? "\u2013" : Figures.bytes(item.answerBytes())));
    }
}
