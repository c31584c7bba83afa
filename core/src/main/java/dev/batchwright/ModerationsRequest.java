package dev.batchwright;

import dev.batchwright.job.RawJson;

import java.util.List;

/** A request for a moderation, which {@link Request#moderations} begins. */
public final class ModerationsRequest extends Request.Fluent<ModerationsRequest> {
    ModerationsRequest(Draft draft) {
        super(draft);
    }

    @Override
    ModerationsRequest of(Draft changed) {
        return new ModerationsRequest(changed);
    }

    /** The text to judge. */
    public ModerationsRequest input(String text) {
        return with("input", text);
    }

    /** A picture to judge, with a text about it. */
    public ModerationsRequest input(String text, Image image) {
        return with(
                "input",
                RawJson.array(List.of(ChatRequest.text(text), ChatRequest.picture(image))));
    }
}
