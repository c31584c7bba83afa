package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Html.each;
import static dev.batchwright.server.page.Html.text;
import static dev.batchwright.server.page.Parts.cell;
import static dev.batchwright.server.page.Parts.number;
import static dev.batchwright.server.page.Tags.span;
import static dev.batchwright.server.page.Tags.tr;

import dev.batchwright.limit.Throttle.Hold;
import dev.batchwright.limit.Throttle.Snapshot;
import dev.batchwright.limit.Throttles;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** The limits that live calls keep, as rows of a table. */
final class LimiterRows {
    private LimiterRows() {}

    static Html table(List<Throttles.Known> limiters) {
        return Parts.grid(
                "Limits of live calls",
                List.of(
                        "Model",
                        "Requests/min#",
                        "Tokens/min#",
                        "At once#",
                        "In flight#",
                        "Waiting#",
                        "Why"),
                each(limiters, LimiterRows::row));
    }

    private static Html row(Throttles.Known limiter) {
        Snapshot now = limiter.now();
        return tr(
                cell(
                        "Model",
                        Parts.written(limiter.model().isEmpty() ? "any" : limiter.model()),
                        span(cls("under"), text(limiter.provider()))),
                number("Requests/min", limit(now.requestsPerMinute())),
                number("Tokens/min", limit(now.tokensPerMinute())),
                number("At once", Figures.count(now.concurrency())),
                number("In flight", Figures.count(now.ofModel())),
                number("Waiting", Figures.count(now.waiting())),
                cell(
                        "Why",
                        span(cls("why"), text(now.hold().map(why -> why(why, now)).orElse("")))));
    }

    private static String limit(OptionalLong perMinute) {
        return perMinute.isPresent() ? Figures.count(perMinute.getAsLong()) : "\u2013";
    }

    private static String why(Hold hold, Snapshot now) {
        return switch (hold) {
            case GATE ->
                    "the provider said to wait, %.1f s more"
                            .formatted(now.closedFor().orElse(Duration.ZERO).toMillis() / 1000.0);
            case CONCURRENCY -> "as many calls are made as may be at once";
            case RATE -> "for the requests or tokens of a minute";
        };
    }
}
