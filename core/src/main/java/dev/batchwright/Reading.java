package dev.batchwright;

import dev.batchwright.job.ItemError;
import dev.batchwright.store.StoredResult;

import tools.jackson.databind.JsonNode;

import java.util.Optional;
import java.util.function.Function;

/** What the answers of a job are read as. Pure; for any thread. */
sealed interface Reading<T> {
    /** The code of an item that was answered, but not with what was asked for. */
    String INVALID = "invalid_answer";

    /** Reads what a successful call was answered. */
    Result<T> value(String customId, Answer answer);

    /** What became of an item. */
    default Result<T> read(StoredResult stored) {
        String id = stored.item().customId();
        Optional<Answer> reply = Answer.of(stored);
        return switch (stored.kind()) {
            case SUCCEEDED -> value(id, reply.orElseThrow());
            case FAILED, PENDING -> new Result.Failed<>(id, error(stored, reply), reply);
        };
    }

    // The provider's word comes first: an error of the item, or one in the body of the reply.
    private static ItemError error(StoredResult stored, Optional<Answer> reply) {
        JsonNode tree = Answer.tree(stored.answer());
        JsonNode said = tree.path("error");
        if (!said.isObject()) {
            said = tree.at("/response/body/error");
        }
        String status = reply.map(it -> "http_" + it.statusCode()).orElse("unknown");
        String code = said.path("code").asString("");
        String message = said.path("message").asString("");
        return new ItemError(
                code.isEmpty() ? said.path("type").asString(status) : code,
                message.isEmpty() ? "the provider said no more than " + status : message);
    }

    /** The answer's text as it is. */
    record Text() implements Reading<String> {
        @Override
        public Result<String> value(String customId, Answer answer) {
            return new Result.Succeeded<>(customId, answer.text(), answer);
        }
    }

    /** By a function of the user's, which may throw. */
    record Custom<T>(Function<Answer, T> function) implements Reading<T> {
        @Override
        public Result<T> value(String customId, Answer answer) {
            try {
                return new Result.Succeeded<>(customId, function.apply(answer), answer);
            } catch (RuntimeException e) {
                return new Result.Failed<>(
                        customId,
                        new ItemError(INVALID, "the answer could not be read: " + e),
                        Optional.of(answer));
            }
        }
    }
}
