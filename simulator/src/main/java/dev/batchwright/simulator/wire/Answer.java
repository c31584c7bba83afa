package dev.batchwright.simulator.wire;

/**
 * What executing a request came to: the reply and what it costs.
 *
 * @param promptTokens tokens read, 0 where the endpoint counts none
 * @param completionTokens tokens written
 */
public record Answer(Reply reply, long promptTokens, long completionTokens) {
    public long totalTokens() {
        return promptTokens + completionTokens;
    }
}
