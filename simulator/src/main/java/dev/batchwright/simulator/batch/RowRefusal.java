package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

/** What a row says that fails because it was told to. */
final class RowRefusal {
    private RowRefusal() {}

    static Refusal of(int status) {
        Reason reason =
                switch (status) {
                    case 429 -> Reason.REQUESTS;
                    case 500 -> Reason.SERVER_ERROR;
                    case 503, 529 -> Reason.OVERLOADED;
                    default -> status < 500 ? Reason.BAD_REQUEST : Reason.OTHER;
                };
        return Refusal.of(reason, status, "The simulator was told to fail with status " + status);
    }
}
