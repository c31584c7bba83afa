package dev.batchwright.simulator;

import dev.batchwright.simulator.anthropic.AnthropicWire;
import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.fireworks.FireworksWire;
import dev.batchwright.simulator.gemini.GeminiWire;
import dev.batchwright.simulator.mistral.MistralWire;
import dev.batchwright.simulator.openai.Dialect;
import dev.batchwright.simulator.openai.OpenAiWire;
import dev.batchwright.simulator.openai.Profile;
import dev.batchwright.simulator.wire.Wire;
import dev.batchwright.simulator.xai.XaiWire;

/** Picks the wire of a provider. */
final class Wires {
    private Wires() {}

    static Wire of(SimulatorOptions options, BatchEngine engine) {
        var profile = new Profile(options.models(), options.snapshots(), options.brokenAnswers());
        return switch (options.provider()) {
            case OPENAI -> new OpenAiWire(profile, "", Dialect.OPENAI, engine);
            case TOGETHER -> new LiveOnly(new OpenAiWire(profile, "", Dialect.OPENAI, engine));
            case FIREWORKS -> new FireworksWire(profile, engine);
            case XAI -> new XaiWire(profile, engine);
            case AZURE -> new OpenAiWire(profile, "/openai", Dialect.AZURE, engine);
            case GROQ -> new OpenAiWire(profile, "/openai", Dialect.GROQ, engine);
            case DOUBLEWORD -> new OpenAiWire(profile, "", Dialect.DOUBLEWORD, engine);
            case PARASAIL -> new OpenAiWire(profile, "", Dialect.PARASAIL, engine);
            case MISTRAL -> new MistralWire(profile, engine);
            case ANTHROPIC ->
                    new AnthropicWire(
                            options.models(),
                            options.snapshots(),
                            options.brokenAnswers(),
                            options.earlyCounts(),
                            engine);
            case GEMINI ->
                    new GeminiWire(
                            options.models(),
                            options.snapshots(),
                            options.brokenAnswers(),
                            options.inlineMetadata(),
                            engine);
        };
    }
}
