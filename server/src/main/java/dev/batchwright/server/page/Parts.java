package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.bdi;
import static dev.batchwright.server.page.Tags.caption;
import static dev.batchwright.server.page.Tags.dd;
import static dev.batchwright.server.page.Tags.details;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.dt;
import static dev.batchwright.server.page.Tags.figcaption;
import static dev.batchwright.server.page.Tags.figure;
import static dev.batchwright.server.page.Tags.nav;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.summary;
import static dev.batchwright.server.page.Tags.table;
import static dev.batchwright.server.page.Tags.tbody;
import static dev.batchwright.server.page.Tags.td;
import static dev.batchwright.server.page.Tags.th;
import static dev.batchwright.server.page.Tags.thead;
import static dev.batchwright.server.page.Tags.tr;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What several pages show alike. */
final class Parts {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final int FIGURES = 12;

    private Parts() {}

    /** A state by its word; its colour follows. */
    static Html badge(String word) {
        return span(cls("badge " + word.replace(' ', '-')), text(word));
    }

    /** What somebody wrote: it can't reach into what stands around it. */
    static Html written(String text) {
        return bdi(text(text));
    }

    /** A moment; the script shows it in the reader's own time zone. */
    static Html time(Instant at) {
        return Tags.time(
                Attribute.of("datetime", at.truncatedTo(ChronoUnit.SECONDS).toString()),
                text(TIME.format(at) + " UTC"));
    }

    /** How long ago, roughly. */
    static Html age(Instant since, Instant now) {
        return Tags.time(
                Attribute.of("datetime", since.truncatedTo(ChronoUnit.SECONDS).toString()),
                Attribute.flag("data-age"),
                Attribute.title(TIME.format(since) + " UTC"),
                text(age(Duration.between(since, now))));
    }

    private static String age(Duration age) {
        if (age.toMinutes() < 1) {
            return "now";
        }
        if (age.toHours() < 1) {
            return age.toMinutes() + "m";
        }
        return age.toDays() < 1 ? age.toHours() + "h" : age.toDays() + "d";
    }

    /** A figure with its name; what explains it stands below. */
    static Html stat(String name, Html figure, String below) {
        return div(
                cls("stat"),
                dt(text(name)),
                dd(
                        span(cls("figure"), figure),
                        below.isEmpty() ? Html.none() : span(cls("below"), text(below))));
    }

    static Html fact(String name, Html value) {
        return div(cls("fact"), dt(text(name)), dd(value));
    }

    /** A table with its columns; those whose name ends in {@code #} hold numbers. */
    static Html grid(String name, List<String> columns, Html rows) {
        return div(
                cls("scroll"),
                table(
                        caption(cls("unseen"), text(name)),
                        thead(tr(each(columns, Parts::column))),
                        tbody(rows)));
    }

    private static Html column(String name) {
        return name.endsWith("#")
                ? th(
                        cls("num"),
                        Attribute.of("scope", "col"),
                        text(name.substring(0, name.length() - 1)))
                : th(Attribute.of("scope", "col"), text(name));
    }

    /** A cell; on a narrow screen its column's name stands before it. */
    static Html cell(String column, Html... content) {
        return td(Attribute.of("data-column", column), Html.group(content));
    }

    static Html number(String column, String figure) {
        return td(cls("num"), Attribute.of("data-column", column), text(figure));
    }

    static Html number(String column, Html... figure) {
        return td(cls("num"), Attribute.of("data-column", column), Html.group(figure));
    }

    /** A choice of what is listed. */
    record Choice(String name, Link to, boolean chosen) {}

    static Html choices(String name, Choice... choices) {
        return nav(
                cls("choices"),
                Attribute.of("aria-label", name),
                each(
                        Arrays.asList(choices),
                        choice ->
                                choice.chosen()
                                        ? a(
                                                href(choice.to()),
                                                Attribute.of("aria-current", "true"),
                                                text(choice.name()))
                                        : a(href(choice.to()), text(choice.name()))));
    }

    static Html empty(String text) {
        return div(cls("empty"), Html.text(text));
    }

    /**
     * The two charts of a series, which the script draws from what it reads there, and their newest
     * figures as a table.
     *
     * @param live whether it goes on
     */
    static Html charts(Link data, Series series, boolean live) {
        return div(
                cls("charts"),
                chart(data, "items", "Items a second", live),
                chart(data, "money", "Spent and saved, in US dollars", live),
                figures(series));
    }

    private static Html chart(Link data, String kind, String name, boolean live) {
        return figure(
                figcaption(text(name)),
                div(
                        cls("chart"),
                        Attribute.of("data-series", data.toString()),
                        Attribute.of("data-kind", kind),
                        live ? Attribute.flag("data-live") : Attribute.of("data-still", ""),
                        Attribute.of("role", "img"),
                        Attribute.of("aria-label", name + "; the figures stand below"),
                        Attribute.flag("hx-morph-skip")));
    }

    private static Html figures(Series series) {
        var rows = new ArrayList<Html>();
        for (int place = series.size() - 1; place >= 0 && rows.size() < FIGURES; place--) {
            if (series.succeeded(place) + series.failed(place) > 0) {
                rows.add(
                        tr(
                                cell("From", time(series.at(place))),
                                number("Succeeded", Figures.count(series.succeeded(place))),
                                number("Failed", Figures.count(series.failed(place))),
                                number("Spent", series.spent(place).toString()),
                                number("Saved", series.saved(place).toString())));
            }
        }
        return rows.isEmpty()
                ? Html.none()
                : details(
                        cls("figures"),
                        summary(text("Figures")),
                        grid(
                                "What was counted, newest first, in stretches of "
                                        + Figures.span(series.width()),
                                List.of("From", "Succeeded#", "Failed#", "Spent#", "Saved#"),
                                new Html.Group(rows)));
    }
}
