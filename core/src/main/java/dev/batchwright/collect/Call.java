package dev.batchwright.collect;

import dev.batchwright.config.TimeSpan;
import dev.batchwright.input.CallBody;
import dev.batchwright.input.InputException;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;

import java.time.Duration;
import java.util.Optional;

/**
 * One call of a program.
 *
 * @param endpoint its path at the provider, like {@code /v1/chat/completions}
 * @param body JSON, as the program would send it; {@code stream} may be true: then the answer comes
 *     as events
 * @param deadline how long its caller waits; empty: as the collector's options say
 * @param terms whose it is, and how it is to be known again and to travel
 */
public record Call(String endpoint, RawJson body, Optional<Duration> deadline, Terms terms) {
    /** Says how long the caller waits, where calls come as HTTP requests: {@code 6h}. */
    public static final String DEADLINE_HEADER = "x-batchwright-deadline";

    /**
     * What a server knows of a call beside what is asked.
     *
     * @param owner whose call it is: only an owner's own calls are known again
     * @param mode empty: the collector's
     * @param idempotencyKey by which its caller knows it; it takes the place of what is asked
     * @param repeat tells deliberate repeats of one request apart; empty: the first
     */
    public record Terms(
            String owner, Optional<Mode> mode, Optional<String> idempotencyKey, String repeat) {
        /** Nothing was said. */
        public static final Terms NONE = new Terms("", Optional.empty(), Optional.empty(), "");
    }

    /**
     * A call without a deadline of its own.
     *
     * @param endpoint its path at the provider, like {@code /v1/chat/completions}
     * @param body JSON
     * @return the call of a program
     */
    public static Call of(String endpoint, RawJson body) {
        return new Call(endpoint, body, Optional.empty(), Terms.NONE);
    }

    /**
     * The call of an HTTP request.
     *
     * @param endpoint its path at the provider, like {@code /v1/chat/completions}
     * @param body JSON
     * @param deadline what {@link #DEADLINE_HEADER} says, where it is there
     * @return the call of a program
     * @throws IllegalArgumentException if that is no span of time
     */
    public static Call of(String endpoint, RawJson body, Optional<String> deadline) {
        return new Call(endpoint, body, deadline.map(Call::span), Terms.NONE);
    }

    private static Duration span(String text) {
        return TimeSpan.parse(text)
                .filter(Duration::isPositive)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "%s is `%s`, which is no span of time. Write it like %s."
                                                .formatted(DEADLINE_HEADER, text, TimeSpan.FORMS)));
    }

    /**
     * This call, for a caller that waits so long.
     *
     * @param span from when it is taken
     * @return a new call
     */
    public Call within(Duration span) {
        return new Call(endpoint, body, Optional.of(span), terms);
    }

    /**
     * Sets whose this call is.
     *
     * @param other take the place of the terms that it has
     * @return a new call
     */
    public Call on(Terms other) {
        return new Call(endpoint, body, deadline, other);
    }

    /**
     * {@return whether the answer would not be in the reply ({@code background}): such a call can't
     * be batched}
     */
    public boolean isBackground() {
        try {
            return CallBody.read(body).background();
        } catch (InputException e) {
            return false;
        }
    }
}
