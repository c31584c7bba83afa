package dev.batchwright.provider.openai;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The way through the pages of a list of batches, back to a moment. It ends early only in a list
 * that has shown itself to be in order, newest first; and it tells when a list has more to show but
 * gives no way to it.
 */
final class ListWalk {
    private static final int PAGE = 100;

    private final Instant back;
    private final Set<String> seen = new HashSet<>();
    private Instant last = Instant.MAX;
    private boolean newestFirst = true;
    private Optional<String> after = Optional.empty();
    private boolean over;
    private boolean stuck;

    /**
     * @param back how far the walk must go at least
     */
    ListWalk(Instant back) {
        this.back = back;
    }

    boolean goesOn() {
        return !over;
    }

    boolean isStuck() {
        return stuck;
    }

    String query() {
        return "?limit=" + PAGE + after.map(id -> "&after=" + BatchCalls.segment(id)).orElse("");
    }

    /** Takes the page that the query gave. */
    void take(ApiObject page, List<ApiObject> batches) {
        boolean anyNew = false;
        for (ApiObject batch : batches) {
            anyNew |= seen.add(batch.text("id").orElse(""));
            Instant created = batch.time("created_at").orElse(Instant.MAX);
            newestFirst &= !created.isAfter(last);
            last = created;
        }
        boolean toldMore = page.isTrue("has_more");
        boolean toldEnd = page.has("has_more") && !toldMore;
        after =
                batches.isEmpty()
                        ? Optional.empty()
                        : page.text("last_id").or(() -> batches.getLast().text("id"));
        boolean farEnough = newestFirst && last.isBefore(back);
        over = toldEnd || farEnough || !anyNew || after.isEmpty();
        stuck = toldMore && !farEnough && (!anyNew || after.isEmpty());
    }
}
