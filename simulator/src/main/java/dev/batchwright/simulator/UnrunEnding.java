package dev.batchwright.simulator;

import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.limit.Permit;

/** The end of a request that was let in and not run. The bill has it as refused already. */
record UnrunEnding(Bill bill, Permit permit) implements ReplyPlan.Ending {
    @Override
    public void delivered() {
        permit.close(0);
        bill.left();
    }

    @Override
    public void gone() {
        delivered();
    }
}
