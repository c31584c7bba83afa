package dev.batchwright.server.page;

import java.util.Set;

/** The elements that pages are made of, by their names. */
final class Tags {
    static final Set<String> VOID = Set.of("input", "link", "meta", "br");

    private Tags() {}

    /** A script of ours, by its address; there is no other. */
    static Html script(Link from) {
        return Html.Element.of("script", Attribute.src(from), Attribute.flag("defer"));
    }

    static Html a(Part... parts) {
        return Html.Element.of("a", parts);
    }

    static Html abbr(Part... parts) {
        return Html.Element.of("abbr", parts);
    }

    static Html aside(Part... parts) {
        return Html.Element.of("aside", parts);
    }

    static Html bdi(Part... parts) {
        return Html.Element.of("bdi", parts);
    }

    static Html body(Part... parts) {
        return Html.Element.of("body", parts);
    }

    static Html button(Part... parts) {
        return Html.Element.of("button", parts);
    }

    static Html caption(Part... parts) {
        return Html.Element.of("caption", parts);
    }

    static Html code(Part... parts) {
        return Html.Element.of("code", parts);
    }

    static Html dd(Part... parts) {
        return Html.Element.of("dd", parts);
    }

    static Html details(Part... parts) {
        return Html.Element.of("details", parts);
    }

    static Html div(Part... parts) {
        return Html.Element.of("div", parts);
    }

    static Html dl(Part... parts) {
        return Html.Element.of("dl", parts);
    }

    static Html dt(Part... parts) {
        return Html.Element.of("dt", parts);
    }

    static Html footer(Part... parts) {
        return Html.Element.of("footer", parts);
    }

    static Html form(Part... parts) {
        return Html.Element.of("form", parts);
    }

    static Html h1(Part... parts) {
        return Html.Element.of("h1", parts);
    }

    static Html h2(Part... parts) {
        return Html.Element.of("h2", parts);
    }

    static Html h3(Part... parts) {
        return Html.Element.of("h3", parts);
    }

    static Html head(Part... parts) {
        return Html.Element.of("head", parts);
    }

    static Html header(Part... parts) {
        return Html.Element.of("header", parts);
    }

    static Html html(Part... parts) {
        return Html.Element.of("html", parts);
    }

    static Html label(Part... parts) {
        return Html.Element.of("label", parts);
    }

    static Html legend(Part... parts) {
        return Html.Element.of("legend", parts);
    }

    static Html li(Part... parts) {
        return Html.Element.of("li", parts);
    }

    static Html main(Part... parts) {
        return Html.Element.of("main", parts);
    }

    static Html nav(Part... parts) {
        return Html.Element.of("nav", parts);
    }

    static Html noscript(Part... parts) {
        return Html.Element.of("noscript", parts);
    }

    static Html ol(Part... parts) {
        return Html.Element.of("ol", parts);
    }

    static Html option(Part... parts) {
        return Html.Element.of("option", parts);
    }

    static Html p(Part... parts) {
        return Html.Element.of("p", parts);
    }

    static Html pre(Part... parts) {
        return Html.Element.of("pre", parts);
    }

    static Html section(Part... parts) {
        return Html.Element.of("section", parts);
    }

    static Html select(Part... parts) {
        return Html.Element.of("select", parts);
    }

    static Html small(Part... parts) {
        return Html.Element.of("small", parts);
    }

    static Html span(Part... parts) {
        return Html.Element.of("span", parts);
    }

    static Html strong(Part... parts) {
        return Html.Element.of("strong", parts);
    }

    static Html summary(Part... parts) {
        return Html.Element.of("summary", parts);
    }

    static Html table(Part... parts) {
        return Html.Element.of("table", parts);
    }

    static Html tbody(Part... parts) {
        return Html.Element.of("tbody", parts);
    }

    static Html td(Part... parts) {
        return Html.Element.of("td", parts);
    }

    static Html th(Part... parts) {
        return Html.Element.of("th", parts);
    }

    static Html thead(Part... parts) {
        return Html.Element.of("thead", parts);
    }

    static Html time(Part... parts) {
        return Html.Element.of("time", parts);
    }

    static Html title(Part... parts) {
        return Html.Element.of("title", parts);
    }

    static Html tr(Part... parts) {
        return Html.Element.of("tr", parts);
    }

    static Html ul(Part... parts) {
        return Html.Element.of("ul", parts);
    }

    static Html article(Part... parts) {
        return Html.Element.of("article", parts);
    }

    static Html figure(Part... parts) {
        return Html.Element.of("figure", parts);
    }

    static Html figcaption(Part... parts) {
        return Html.Element.of("figcaption", parts);
    }

    static Html svg(Part... parts) {
        return Html.Element.of("svg", parts);
    }

    static Html rect(Part... parts) {
        return Html.Element.of("rect", parts);
    }

    static Html path(Part... parts) {
        return Html.Element.of("path", parts);
    }

    static Html input(Part... parts) {
        return Html.Element.of("input", parts);
    }

    static Html link(Part... parts) {
        return Html.Element.of("link", parts);
    }

    static Html meta(Part... parts) {
        return Html.Element.of("meta", parts);
    }

    static Html br(Part... parts) {
        return Html.Element.of("br", parts);
    }
}
