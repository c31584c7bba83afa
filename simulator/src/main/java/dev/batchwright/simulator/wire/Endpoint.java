package dev.batchwright.simulator.wire;

/** One endpoint of a provider. Has no state; called from several event loops at once. */
public interface Endpoint {
    /** The only HTTP method that it takes. */
    String method();

    /** Its path in the one form under which requests are counted, like {@code /v1/embeddings}. */
    String canonicalPath();

    /** Whether its calls are paid: only those are counted on the bill, limited and given faults. */
    boolean metered();

    /** Reads and checks a request; executes nothing. */
    Intake read(Arrival arrival, RequestHash hash);
}
