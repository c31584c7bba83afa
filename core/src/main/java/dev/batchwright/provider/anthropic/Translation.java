package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Body;
import dev.batchwright.job.Request;

import java.util.Optional;

/** A request of ours as {@code /v1/messages} takes it: untouched, translated, or not at all. */
sealed interface Translation {
    /**
     * @param body also a batch's {@code params}
     */
    record Made(Body body) implements Translation {}

    /** The reason is a clause that names what is in the way. */
    record Refused(String reason) implements Translation {}

    static Translation of(Request request) {
        if (Wire.isTranslated(request.endpoint())) {
            return ChatToMessages.translate(request.body());
        }
        return Wire.refusal(request.endpoint())
                .<Translation>map(Refused::new)
                .orElseGet(() -> new Made(Body.json(request.body())));
    }

    default Optional<String> refusal() {
        return switch (this) {
            case Made made -> Optional.empty();
            case Refused(var reason) -> Optional.of(reason);
        };
    }
}
