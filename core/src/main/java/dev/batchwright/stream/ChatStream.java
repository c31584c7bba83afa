package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A chat completion as chunks: for each choice one with all of its message, for each one with its
 * finish reason; then the usage, if asked for.
 */
record ChatStream(boolean usage) implements AnswerStream {
    @Override
    public byte[] events(RawJson answer) {
        ObjectNode completion = Events.read(answer);
        var events = new Events();
        for (JsonNode choice : completion.path("choices")) {
            ObjectNode said = choice(choice);
            said.set("delta", delta(choice.path("message")));
            said.set("logprobs", choice.get("logprobs"));
            said.putNull("finish_reason");
            events.data(chunk(completion, said));
        }
        // Clients take the answer to be over when all choices that they know of are.
        for (JsonNode choice : completion.path("choices")) {
            ObjectNode ended = choice(choice);
            ended.set("delta", Events.object());
            ended.putNull("logprobs");
            ended.set("finish_reason", choice.get("finish_reason"));
            events.data(chunk(completion, ended));
        }
        if (usage) {
            ObjectNode last = head(completion);
            last.putArray("choices");
            last.set("usage", completion.get("usage"));
            events.data(last);
        }
        return events.done().bytes();
    }

    private static ObjectNode choice(JsonNode choice) {
        return Events.object().put("index", choice.path("index").asInt(0));
    }

    /** A message, with its tool calls numbered. */
    private static ObjectNode delta(JsonNode message) {
        ObjectNode delta = Events.object();
        message.properties()
                .forEach(
                        field -> {
                            if (!field.getKey().equals("tool_calls")) {
                                delta.set(field.getKey(), field.getValue());
                            }
                        });
        int index = 0;
        for (JsonNode call : message.path("tool_calls")) {
            ObjectNode numbered = Events.object().put("index", index++);
            numbered.setAll((ObjectNode) call);
            delta.withArray("tool_calls").add(numbered);
        }
        return delta;
    }

    private ObjectNode chunk(ObjectNode completion, ObjectNode choice) {
        ObjectNode chunk = head(completion);
        chunk.putArray("choices").add(choice);
        if (usage) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private static ObjectNode head(ObjectNode completion) {
        ObjectNode head = completion.deepCopy();
        head.put("object", "chat.completion.chunk");
        head.remove("choices");
        head.remove("usage");
        return head;
    }
}
