package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Tags.rect;
import static dev.batchwright.server.page.Tags.svg;

import java.util.Locale;

/** What is drawn. */
final class Icons {
    private Icons() {}

    /** Three requests that travel together. */
    static Html mark() {
        return svg(
                cls("mark"),
                Attribute.of("viewBox", "0 0 16 16"),
                Attribute.of("aria-hidden", "true"),
                bar("1", "2", "14"),
                bar("1", "6.75", "10"),
                bar("1", "11.5", "6"));
    }

    private static Html bar(String x, String y, String width) {
        return rect(
                Attribute.of("x", x),
                Attribute.of("y", y),
                Attribute.of("width", width),
                Attribute.of("height", "2.5"),
                Attribute.of("rx", "1.25"));
    }

    /** How much of a whole succeeded and failed; the figures stand beside it. */
    static Html progress(long succeeded, long failed, long whole) {
        double done = share(succeeded, whole);
        double lost = share(failed, whole);
        return svg(
                cls("progress"),
                Attribute.of("viewBox", "0 0 100 4"),
                Attribute.of("preserveAspectRatio", "none"),
                Attribute.of("aria-hidden", "true"),
                part("ok", 0, done),
                part("bad", done, lost));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }

    private static Html part(String kind, double x, double width) {
        // What is there is seen, however little it is of the whole.
        double seen = width > 0 ? Math.max(width, 1) : 0;
        return rect(
                cls(kind),
                Attribute.of("x", decimal(Math.min(x, 100 - seen))),
                Attribute.of("width", decimal(seen)),
                Attribute.of("height", "4"));
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
