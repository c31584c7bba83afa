package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.action;
import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Attribute.href;
import static dev.batchwright.server.page.Attribute.id;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Html.when;
import static dev.batchwright.server.page.Tags.a;
import static dev.batchwright.server.page.Tags.body;
import static dev.batchwright.server.page.Tags.button;
import static dev.batchwright.server.page.Tags.div;
import static dev.batchwright.server.page.Tags.form;
import static dev.batchwright.server.page.Tags.head;
import static dev.batchwright.server.page.Tags.header;
import static dev.batchwright.server.page.Tags.html;
import static dev.batchwright.server.page.Tags.input;
import static dev.batchwright.server.page.Tags.link;
import static dev.batchwright.server.page.Tags.main;
import static dev.batchwright.server.page.Tags.meta;
import static dev.batchwright.server.page.Tags.nav;
import static dev.batchwright.server.page.Tags.noscript;
import static dev.batchwright.server.page.Tags.script;
import static dev.batchwright.server.page.Tags.span;

import java.util.Optional;

/** What stands around every page. */
final class Frame {
    // Nothing is evaluated, and an error does not take the place of what was there.
    private static final String HTMX =
            "{\"includeIndicatorCSS\":false,\"history\":false,\"defaultTimeout\":20000,"
                    + "\"noSwap\":[204,304,\"4xx\",\"5xx\"],"
                    + "\"morphIgnore\":[\"data-htmx-powered\",\"open\"]}";

    private final Assets assets;

    /** The places that the bar leads to. */
    enum Place {
        OVERVIEW,
        JOBS,
        BATCHES,
        NONE
    }

    Frame(Assets assets) {
        this.assets = assets;
    }

    /**
     * A whole document.
     *
     * @param visit empty where nobody is let in yet
     * @param refreshed whether it changes: a browser without scripts loads it again now and then
     */
    String document(
            Optional<Visit> visit, Place place, String title, boolean refreshed, Html content) {
        var out = new StringBuilder(16_384).append("<!doctype html>\n");
        html(
                        Attribute.of("lang", "en"),
                        headOf(title, refreshed),
                        body(
                                a(
                                        cls("skip"),
                                        Attribute.of("href", "#main"),
                                        text("To the content")),
                                visit.map(who -> bar(who, place)).orElse(Html.none()),
                                div(
                                        id("offline"),
                                        cls("offline"),
                                        Attribute.of("role", "status"),
                                        Attribute.flag("hidden"),
                                        text("The server does not answer. Trying again\u2026")),
                                main(id("main"), content)))
                .writeTo(out);
        return out.append('\n').toString();
    }

    private Html headOf(String title, boolean refreshed) {
        return head(
                meta(Attribute.of("charset", "utf-8")),
                meta(
                        Attribute.of("name", "viewport"),
                        Attribute.of("content", "width=device-width, initial-scale=1")),
                meta(Attribute.of("name", "color-scheme"), Attribute.of("content", "light dark")),
                meta(Attribute.of("name", "htmx-config"), Attribute.of("content", HTMX)),
                Tags.title(text(title + " \u00b7 Batchwright")),
                link(
                        Attribute.of("rel", "icon"),
                        Attribute.of("type", "image/svg+xml"),
                        href(assets.link("icon.svg"))),
                stylesheet("uPlot.min.css"),
                stylesheet("page.css"),
                script(assets.link("htmx.min.js")),
                script(assets.link("uPlot.iife.min.js")),
                script(assets.link("page.js")),
                when(
                        refreshed,
                        () ->
                                noscript(
                                        meta(
                                                Attribute.of("http-equiv", "refresh"),
                                                Attribute.of("content", "15")))));
    }

    private Html stylesheet(String name) {
        return link(Attribute.of("rel", "stylesheet"), href(assets.link(name)));
    }

    private static Html bar(Visit visit, Place place) {
        return header(
                cls("bar"),
                div(
                        cls("inner"),
                        a(cls("brand"), href(Link.to()), Icons.mark(), text("Batchwright")),
                        nav(
                                Attribute.of("aria-label", "Main"),
                                tab("Overview", Link.to(), place == Place.OVERVIEW),
                                tab("Jobs", Link.to("jobs"), place == Place.JOBS),
                                tab("Batches", Link.to("batches"), place == Place.BATCHES)),
                        when(
                                visit.signedIn(),
                                () ->
                                        form(
                                                cls("who"),
                                                Attribute.of("method", "post"),
                                                action(Link.to("sign-out")),
                                                token(visit),
                                                span(cls("owner"), text(visit.caller().owner())),
                                                button(cls("quiet"), text("Sign out"))))));
    }

    private static Html tab(String name, Link to, boolean here) {
        return here
                ? a(href(to), Attribute.of("aria-current", "page"), text(name))
                : a(href(to), text(name));
    }

    /** What every form carries. */
    static Html token(Visit visit) {
        return input(
                Attribute.of("type", "hidden"),
                Attribute.of("name", "token"),
                Attribute.of("value", visit.token()));
    }
}
