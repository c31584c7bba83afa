package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.openai.Dialect;
import dev.batchwright.simulator.openai.OpenAiWire;
import dev.batchwright.simulator.openai.Profile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;

/** The wire of Mistral. */
public final class MistralWire implements Wire {
    private final OpenAiWire live;
    private final BatchRoutes batches;

    public MistralWire(Profile profile, BatchEngine engine) {
        this.live = new OpenAiWire(profile, "", Dialect.OPENAI, engine);
        this.batches = new JobDesk(profile, engine, live);
    }

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
        return MistralError.of(refusal);
    }

    @Override
    public Refusal wrongKey(String key) {
        return live.wrongKey(key);
    }

    @Override
    public BatchRoutes batches() {
        return batches;
    }
}
