package dev.batchwright.simulator.limit;

import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Refusal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the limits say to a request. Both carry the headers that tell the client of its limits. */
public sealed interface Verdict {
    /** It may run. Whoever holds the permit closes it, once, when the request is over. */
    record Admitted(Permit permit, List<Header> headers) implements Verdict {}

    /**
     * It may not run now.
     *
     * @param retryAfter for how long, or empty where waiting doesn't help
     */
    record Refused(Refusal refusal, Optional<Duration> retryAfter, List<Header> headers)
            implements Verdict {}
}
