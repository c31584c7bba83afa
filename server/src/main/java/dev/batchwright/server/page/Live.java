package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.id;
import static dev.batchwright.server.page.Tags.div;

import java.util.Optional;

/**
 * The part of a page that changes. The browser asks for it again while it may; it names the version
 * that it has, and gets nothing where that is still the newest.
 *
 * @param self where it is asked for
 * @param seconds between two looks; empty: it does not change any more
 */
record Live(Link self, Optional<Integer> seconds, Html content) {
    /** What tells one version from another. */
    String version() {
        return Integer.toHexString(content.hashCode());
    }

    Html html() {
        return seconds.map(
                        every ->
                                div(
                                        id("live"),
                                        Attribute.of(
                                                "hx-get", self.with("seen", version()).toString()),
                                        Attribute.of("hx-trigger", "every " + every + "s"),
                                        Attribute.of("hx-swap", "outerMorph"),
                                        content))
                .orElseGet(() -> div(id("live"), content));
    }
}
