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

    /**
     * Sets the text to judge.
     *
     * @param text what it says
     * @return a new request that has it
     */
    public ModerationsRequest input(String text) {
        return with("input", text);
    }

    /**
     * Sets a picture to judge, with a text about it.
     *
     * @param text what it says
     * @param image a picture
     * @return a new request that has both
     */
    public ModerationsRequest input(String text, Image image) {
        return with(
                "input",
                RawJson.array(List.of(ChatRequest.text(text), ChatRequest.picture(image))));
    }
}
