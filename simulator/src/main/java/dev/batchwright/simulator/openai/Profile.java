package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.BrokenAnswers;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;

import java.util.List;

/**
 * What the account looks like.
 *
 * @param models the models that exist; empty: every name does
 * @param snapshots whether answers name the dated snapshot instead of the model that was asked for
 * @param broken which answers by a schema are broken
 */
public record Profile(List<String> models, boolean snapshots, BrokenAnswers broken) {
    private static final long EPOCH = 1_790_000_000;
    private static final String SNAPSHOT = "-2026-01-01";

    /** Whether a model exists. */
    public boolean knows(String model) {
        return models.isEmpty() || models.contains(model);
    }

    /** The model as the answer names it. */
    String answered(String model) {
        return snapshots && !model.matches(".*-\\d{4}-\\d{2}-\\d{2}") ? model + SNAPSHOT : model;
    }

    /** The time of an answer, in seconds since 1970: it too follows from the request alone. */
    static long created(RequestHash hash) {
        return EPOCH + (hash.id() & 0xFFFFF);
    }

    /** A reply with the headers that OpenAI adds to everything. */
    static Reply json(RequestHash hash, byte[] body) {
        return Reply.json(200, body).with(headers(hash));
    }

    static Reply events(RequestHash hash, List<byte[]> events) {
        return new Reply(200, Reply.EVENTS, headers(hash), events, true);
    }

    private static List<Header> headers(RequestHash hash) {
        return List.of(
                new Header("x-request-id", "req_" + hash.hex(32)),
                new Header("openai-version", "2020-10-01"));
    }
}
