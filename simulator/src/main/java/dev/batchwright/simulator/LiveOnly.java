package dev.batchwright.simulator;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;

/** A wire without its batches: they would be another provider's, and mislead. */
record LiveOnly(Wire live) implements Wire {
    @Override
    public @Nullable Endpoint endpoint(String path) {
        return live.endpoint(path);
    }

    @Override
    public String key(Arrival arrival) {
        return live.key(arrival);
    }

    @Override
    public Reply refusal(Refusal refusal, Optional<Duration> wait) {
        return live.refusal(refusal, wait);
    }

    @Override
    public Refusal wrongKey(String key) {
        return live.wrongKey(key);
    }

    @Override
    public BatchRoutes batches() {
        return BatchRoutes.NONE;
    }
}
