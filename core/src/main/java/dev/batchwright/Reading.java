package dev.batchwright;

import dev.batchwright.answer.Reask;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Parsed;
import dev.batchwright.schema.Schema;
import dev.batchwright.store.StoredResult;

import tools.jackson.databind.JsonNode;

import java.util.Optional;
import java.util.function.Function;

/** What the answers of a job are read as. Pure; for any thread. */
sealed interface Reading<T> {
    /** The code of an item that was answered, but not with what was asked for. */
    String INVALID = "invalid_answer";

    /** What became of an item, or will when it was asked again. */
    sealed interface Verdict<T> {
        /** This, for good. */
        record Done<T>(Result<T> result) implements Verdict<T> {}

        /**
         * It is worth to ask again.
         *
         * @param request the body to send next
         * @param otherwise what became of it, if nobody asks again
         */
        record Again<T>(RawJson request, Result<T> otherwise) implements Verdict<T> {}

        /** The job is over without it. */
        record Undone<T>(Result<T> result) implements Verdict<T> {}
    }

    /**
     * @param attempts how many answers the item has had, this one included
     */
    default Verdict<T> judge(StoredResult stored, int attempts) {
        String id = stored.item().customId();
        Optional<Answer> reply = Answer.of(stored);
        return switch (stored.kind()) {
            case SUCCEEDED -> answered(stored, reply.orElseThrow(), attempts);
            case FAILED -> new Verdict.Done<>(new Result.Failed<>(id, error(stored, reply), reply));
            case PENDING ->
                    new Verdict.Undone<>(new Result.Failed<>(id, error(stored, reply), reply));
        };
    }

    /** What is to be thought of the answer to a successful call. */
    Verdict<T> answered(StoredResult stored, Answer answer, int attempts);

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
        public Verdict<String> answered(StoredResult stored, Answer answer, int attempts) {
            return new Verdict.Done<>(
                    new Result.Succeeded<>(stored.item().customId(), answer.text(), answer));
        }
    }

    /** By a function of the user's, which may throw. */
    record Custom<T>(Function<Answer, T> function) implements Reading<T> {
        @Override
        public Verdict<T> answered(StoredResult stored, Answer answer, int attempts) {
            return new Verdict.Done<>(value(stored.item().customId(), answer));
        }

        private Result<T> value(String customId, Answer answer) {
            try {
                return new Result.Succeeded<>(customId, function.apply(answer), answer);
            } catch (RuntimeException e) {
                // Its message may quote the answer, which belongs into no log.
                String problem =
                        "the answer could not be read: the function that reads it threw %s"
                                .formatted(e.getClass().getName());
                return new Result.Failed<>(
                        customId, new ItemError(INVALID, problem), Optional.of(answer));
            }
        }
    }

    /** As an instance of a Java type; what does not fit is asked again within bounds. */
    record Typed<T>(Schema<T> schema, Reask reask) implements Reading<T> {
        @Override
        public Verdict<T> answered(StoredResult stored, Answer answer, int attempts) {
            String id = stored.item().customId();
            return switch (schema.parse(answer.written())) {
                case Parsed.Valid<T>(T value) ->
                        new Verdict.Done<>(new Result.Succeeded<>(id, value, answer));
                case Parsed.Invalid<T> invalid -> invalid(stored, answer, invalid, attempts);
            };
        }

        private Verdict<T> invalid(
                StoredResult stored, Answer answer, Parsed.Invalid<T> invalid, int attempts) {
            String id = stored.item().customId();
            var request = stored.item().request();
            return switch (reask.next(
                    request.endpoint(), request.body(), answer.body(), invalid, attempts)) {
                case Reask.Next.Again(RawJson next) ->
                        new Verdict.Again<>(next, failed(id, answer, invalid.reason()));
                case Reask.Next.GiveUp(String reason) ->
                        new Verdict.Done<>(failed(id, answer, reason));
            };
        }

        private Result<T> failed(String id, Answer answer, String reason) {
            return new Result.Failed<>(id, new ItemError(INVALID, reason), Optional.of(answer));
        }
    }
}
