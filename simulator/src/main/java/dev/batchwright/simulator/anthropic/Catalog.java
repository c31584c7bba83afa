package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.model.BrokenAnswers;

import java.util.List;

/**
 * The models of the account.
 *
 * @param models those that exist; empty: every name does
 * @param snapshots whether answers name the dated snapshot instead of the alias that was asked for
 * @param broken which answers by a schema are broken
 */
record Catalog(List<String> models, boolean snapshots, BrokenAnswers broken) {
    private static final List<String> USUAL =
            List.of("claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5");
    private static final String SNAPSHOT = "-20251001";

    boolean knows(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** The model as the answer names it. */
    String answered(String model) {
        return snapshots && !model.matches(".*-\\d{8}") ? model + SNAPSHOT : model;
    }

    List<String> shown() {
        return models.isEmpty() ? USUAL : models;
    }
}
