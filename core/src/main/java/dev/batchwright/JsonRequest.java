package dev.batchwright;

/** A request with a body of its own, which {@link Request#json} makes. */
public final class JsonRequest extends Request.Fluent<JsonRequest> {
    JsonRequest(Draft draft) {
        super(draft);
    }

    @Override
    JsonRequest of(Draft changed) {
        return new JsonRequest(changed);
    }
}
