package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Parts.fact;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.dl;
import static dev.batchwright.server.page.Tags.h1;
import static dev.batchwright.server.page.Tags.h2;
import static dev.batchwright.server.page.Tags.p;
import static dev.batchwright.server.page.Tags.pre;
import static dev.batchwright.server.page.Tags.section;
import static dev.batchwright.server.page.Tags.span;

import dev.batchwright.answer.AnswerText;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.StoredResult;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One item: what was asked, and what came of it. */
final class ItemPage {
    private static final int MOST_JSON = 60_000;
    private static final int MOST_TEXT = 20_000;

    /** What scrolls is scrolled from the keyboard, too. */
    private static final Attribute REACHABLE = Attribute.of("tabindex", "0");

    private ItemPage() {}

    static Live live(Job job, StoredResult result) {
        long seq = result.item().seq();
        boolean pending = result.kind() == StoredResult.Kind.PENDING;
        Html content =
                Html.group(
                        h1(
                                a(
                                        href(Link.to("jobs", job.id())),
                                        Parts.written(job.spec().name())),
                                a(
                                        cls("step"),
                                        href(
                                                Link.to("jobs", job.id(), "items")
                                                        .with("after", Math.max(0, seq - 25))),
                                        text("Items")),
                                span(cls("step"), Parts.written(result.item().customId()))),
                        facts(result),
                        pending
                                ? Parts.empty(
                                        job.state() instanceof JobState.Active
                                                ? "It has no outcome yet."
                                                : "It has no outcome: the job ended before it.")
                                : answer(job.id(), result),
                        json(
                                "Request",
                                Link.to("jobs", job.id(), "items", seq, "request"),
                                result.item().request().body().toByteArray()),
                        when(
                                !pending,
                                () ->
                                        json(
                                                "Answer as it came",
                                                Link.to("jobs", job.id(), "items", seq, "answer"),
                                                raw(result))),
                        neighbours(job, seq));
        boolean waits = pending && job.state() instanceof JobState.Active;
        return new Live(
                Link.to("jobs", job.id(), "items", seq),
                waits ? Optional.of(2) : Optional.empty(),
                content);
    }

    /** The answer as JSON: both fields of an output line. */
    static byte[] raw(StoredResult result) {
        return "{%s}".formatted(result.answer()).getBytes(StandardCharsets.UTF_8);
    }

    private static Html facts(StoredResult result) {
        return dl(
                cls("facts"),
                fact("State", Parts.badge(Words.of(result.kind()))),
                fact("Place", text("#" + Figures.count(result.item().seq()))),
                fact("Endpoint", Parts.written(result.item().request().endpoint())),
                fact("Model", Parts.written(result.item().request().model())),
                fact("Provider", Parts.written(result.item().request().provider())),
                fact("Attempts", text(Figures.count(result.attempts()))),
                fact("Tokens in", text(Figures.count(result.usage().inputTokens()))),
                fact("Tokens out", text(Figures.count(result.usage().outputTokens()))),
                fact("Cost", text(result.cost().toString())));
    }

    /** What a person would call the answer, or why there is none. */
    private static Html answer(JobId job, StoredResult result) {
        AnswerText answer = AnswerText.of(result.answer());
        return Html.group(
                when(
                        !answer.error().isEmpty(),
                        () ->
                                section(
                                        h2(text("Error")),
                                        pre(
                                                cls("said bad"),
                                                REACHABLE,
                                                text(cut(answer.error()))))),
                when(
                        !answer.text().isEmpty(),
                        () ->
                                section(
                                        h2(text(answer.refused() ? "Refusal" : "Answer")),
                                        when(
                                                !answer.finishReason().isEmpty(),
                                                () ->
                                                        p(
                                                                cls("note"),
                                                                text("Ended by "),
                                                                Parts.written(
                                                                        answer.finishReason()))),
                                        pre(cls("said"), REACHABLE, text(cut(answer.text()))),
                                        more(
                                                answer.text().length() > MOST_TEXT,
                                                Link.to(
                                                        "jobs",
                                                        job,
                                                        "items",
                                                        result.item().seq(),
                                                        "answer")))));
    }

    private static String cut(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT);
    }

    private static Html json(String name, Link raw, byte[] json) {
        PrettyJson pretty = PrettyJson.of(json, MOST_JSON);
        return section(
                div(
                        cls("heading"),
                        h2(text(name)),
                        a(href(raw), text("Raw, " + Figures.bytes(json.length)))),
                pre(cls("json"), REACHABLE, pretty.html()),
                more(!pretty.whole(), raw));
    }

    private static Html more(boolean cut, Link raw) {
        return when(
                cut,
                () ->
                        p(
                                cls("note"),
                                text("This is not all of it: see it "),
                                a(href(raw), text("raw and whole")),
                                text(".")));
    }

    private static Html neighbours(Job job, long seq) {
        return div(
                cls("pager"),
                when(
                        seq > 1,
                        () ->
                                a(
                                        href(Link.to("jobs", job.id(), "items", seq - 1)),
                                        text("\u2190 Item " + Figures.count(seq - 1)))),
                when(
                        seq < job.items(),
                        () ->
                                a(
                                        href(Link.to("jobs", job.id(), "items", seq + 1)),
                                        text("Item " + Figures.count(seq + 1) + " \u2192"))));
    }
}
