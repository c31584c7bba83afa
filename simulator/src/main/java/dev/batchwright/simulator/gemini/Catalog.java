package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import java.util.List;

/**
 * The models of the account, by their names without {@code models/}.
 *
 * @param models those that exist; empty: every name does
 * @param snapshots whether answers name the numbered version instead of the model
 * @param broken which answers by a schema are broken
 */
record Catalog(List<String> models, boolean snapshots, BrokenAnswers broken) {
    private static final List<String> USUAL =
            List.of(
                    "gemini-2.5-pro",
                    "gemini-2.5-flash",
                    "gemini-2.5-flash-lite",
                    "gemini-embedding-001");
    private static final String VERSION = "-001";

    boolean knows(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** The model as the answer names it. */
    String answered(String model) {
        return snapshots && !model.endsWith(VERSION) ? model + VERSION : model;
    }

    List<String> shown() {
        return models.isEmpty() ? USUAL : models;
    }

    static Refusal unknown(String model, String method) {
        return Refusal.of(
                Reason.UNKNOWN_MODEL,
                404,
                "models/%s is not found for API version v1beta, or is not supported for %s. Call ListModels to see the list of available models and their supported methods."
                        .formatted(model, method));
    }
}
