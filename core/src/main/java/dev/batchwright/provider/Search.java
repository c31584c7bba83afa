package dev.batchwright.provider;

import java.util.List;

/** What a look for a batch came to, after every page that may show it. */
public sealed interface Search {
    /** This is it, and certainly. */
    record Found(RemoteBatch batch) implements Search {}

    /** It is not shown; it may not be visible yet. */
    record NotShown() implements Search {}

    /**
     * One of these may be it. They carry no mark of ours as long as they run; when one has ended,
     * its results tell.
     */
    record Perhaps(List<String> batchIds) implements Search {
        public Perhaps {
            batchIds = List.copyOf(batchIds);
        }
    }
}
