package dev.batchwright.simulator;

import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.limit.Permit;
import dev.batchwright.simulator.wire.Answer;
import dev.batchwright.simulator.wire.RequestHash;

import java.util.Optional;

/**
 * Writes the end of a request that was run on the bill.
 *
 * @param spoiledBy the fault that made its answer useless
 */
record RunEnding(
        Bill bill, Permit permit, RequestHash request, Answer answer, Optional<String> spoiledBy)
        implements ReplyPlan.Ending {
    @Override
    public void delivered() {
        if (spoiledBy.isPresent()) {
            bill.spoiled(
                    request, spoiledBy.get(), answer.promptTokens(), answer.completionTokens());
        } else {
            bill.executed(request, answer.promptTokens(), answer.completionTokens());
        }
        leave();
    }

    @Override
    public void gone() {
        if (spoiledBy.isPresent()) { // its answer would have been useless all the same
            delivered();
            return;
        }
        bill.abandoned(request, answer.promptTokens(), answer.completionTokens());
        leave();
    }

    private void leave() {
        permit.close(answer.totalTokens());
        bill.left();
    }
}
