package dev.batchwright;

import dev.batchwright.job.JsonFields;
import dev.batchwright.job.RawJson;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request that is a conversation. Messages stand in the order of the calls. What is given to the
 * user's side one after the other (texts before pictures, pictures before a text) is one message; a
 * second text begins another.
 */
abstract sealed class ConversationRequest<S extends ConversationRequest<S>>
        extends Request.Fluent<S>
        permits ChatRequest, ResponsesRequest, MessagesRequest, GenerateContentRequest {
    private final String field;
    private final List<Turn> turns;

    /**
     * A message.
     *
     * @param text that is among the parts
     * @param whole the message as it was given, in place of all that
     */
    record Turn(String role, List<RawJson> parts, Optional<String> text, Optional<RawJson> whole) {
        boolean open(String asRole) {
            return whole.isEmpty() && role.equals(asRole);
        }

        /** The text, if there is nothing else. */
        Optional<String> onlyText() {
            return parts.size() == 1 ? text : Optional.empty();
        }
    }

    ConversationRequest(Draft draft, String field, List<Turn> turns) {
        super(draft);
        this.field = field;
        this.turns = turns;
    }

    abstract S of(Draft changed, List<Turn> conversation);

    @Override
    final S of(Draft changed) {
        return of(changed, turns);
    }

    abstract RawJson textPart(String text);

    abstract RawJson imagePart(Image image);

    abstract RawJson message(Turn turn);

    String assistantRole() {
        return "assistant";
    }

    @Override
    JsonFields fields() {
        return turns.isEmpty() ? draft.fields() : draft.fields().with(field, conversation(turns));
    }

    RawJson conversation(List<Turn> all) {
        return RawJson.array(
                all.stream().map(it -> it.whole().orElseGet(() -> message(it))).toList());
    }

    /**
     * Adds what the user says.
     *
     * @param text joins pictures before it; a second text begins another message
     * @return a new request that has it
     */
    public S user(String text) {
        Optional<Turn> last = last("user").filter(it -> it.text().isEmpty());
        RawJson part = textPart(text);
        return last.isPresent()
                ? replaceLast(last.get(), part, Optional.of(text))
                : add("user", part, Optional.of(text));
    }

    /**
     * Adds what the model is to have answered before.
     *
     * @param text its answer
     * @return a new request that has it
     */
    public S assistant(String text) {
        return add(assistantRole(), textPart(text), Optional.of(text));
    }

    /**
     * Adds a picture that the user shows.
     *
     * @param image joins the text beside it
     * @return a new request that has it
     */
    public S image(Image image) {
        return part(imagePart(image));
    }

    /**
     * Adds a picture from a file.
     *
     * @param file is read now
     * @return a new request that has it
     * @throws java.io.UncheckedIOException if it can't be read
     * @throws IllegalArgumentException if it is of no type that is known
     */
    public S image(Path file) {
        return image(Image.of(file));
    }

    /**
     * Adds a picture from an address.
     *
     * @param address as {@link Image#at} takes it
     * @return a new request that has it
     * @throws IllegalArgumentException if it is an address of another kind
     */
    public S image(URI address) {
        return image(Image.at(address));
    }

    /**
     * Adds any other part of what the user says: a sound, a document.
     *
     * @param part a JSON object in the form of this API
     * @return a new request that has it
     */
    public S part(RawJson part) {
        Optional<Turn> last = last("user");
        return last.isPresent()
                ? replaceLast(last.get(), part, last.get().text())
                : add("user", part, Optional.empty());
    }

    /**
     * Adds a whole message: a call of a tool, its result.
     *
     * @param message a JSON object in the form of this API
     * @return a new request that has it
     */
    public S message(RawJson message) {
        return append(new Turn("", List.of(), Optional.empty(), Optional.of(message)));
    }

    private Optional<Turn> last(String role) {
        return turns.isEmpty()
                ? Optional.empty()
                : Optional.of(turns.getLast()).filter(it -> it.open(role));
    }

    final S add(String role, RawJson part, Optional<String> text) {
        return append(new Turn(role, List.of(part), text, Optional.empty()));
    }

    private S replaceLast(Turn last, RawJson part, Optional<String> text) {
        var parts = new ArrayList<>(last.parts());
        parts.add(part);
        var all = new ArrayList<>(turns.subList(0, turns.size() - 1));
        all.add(new Turn(last.role(), List.copyOf(parts), text, Optional.empty()));
        return of(draft, List.copyOf(all));
    }

    private S append(Turn turn) {
        var all = new ArrayList<>(turns);
        all.add(turn);
        return of(draft, List.copyOf(all));
    }

    /** As OpenAI and Anthropic have it: a text alone is no list of parts. */
    static RawJson contentMessage(Turn turn) {
        RawJson content =
                turn.onlyText().map(RawJson::quoted).orElseGet(() -> RawJson.array(turn.parts()));
        return RawJson.of("{\"role\":\"%s\",\"content\":%s}".formatted(turn.role(), content));
    }
}
