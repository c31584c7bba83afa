package dev.batchwright.simulator;

import dev.batchwright.simulator.fault.Fault;
import dev.batchwright.simulator.wire.Reply;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Harms the answer of a request that was run. */
final class Spoiling {
    private Spoiling() {}

    /**
     * @param executed for faults that leave the answer whole
     * @param spoiled for all others
     */
    static ReplyPlan plan(
            Fault.Late fault,
            Reply reply,
            Duration delay,
            ReplyPlan.Ending executed,
            ReplyPlan.Ending spoiled) {
        var whole = new ReplyPlan.Delivery.Whole();
        return switch (fault) {
            case Fault.Delayed(Duration after) -> new ReplyPlan(reply, after, whole, executed);
            case Fault.SlowBody(Duration over) ->
                    new ReplyPlan(reply, delay, new ReplyPlan.Delivery.Slow(over), executed);
            case Fault.LostAnswer() ->
                    new ReplyPlan(reply, delay, new ReplyPlan.Delivery.Reset(), spoiled);
            case Fault.Hang() ->
                    new ReplyPlan(reply, delay, new ReplyPlan.Delivery.Silence(), spoiled);
            case Fault.Half() ->
                    new ReplyPlan(reply, delay, new ReplyPlan.Delivery.Half(), spoiled);
            case Fault.InvalidJson() ->
                    new ReplyPlan(reply.with(broken(reply), false), delay, whole, spoiled);
            case Fault.Empty() ->
                    new ReplyPlan(reply.with(List.of(new byte[0]), false), delay, whole, spoiled);
        };
    }

    /** The first two thirds, which no brace closes. */
    private static List<byte[]> broken(Reply reply) {
        byte[] first = reply.parts().getFirst();
        return List.of(Arrays.copyOf(first, first.length * 2 / 3));
    }
}
