package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A completion of the older API: each choice in a chunk, then the usage, if asked for. */
record CompletionStream(boolean usage) implements AnswerStream {
    @Override
    public byte[] events(RawJson answer) {
        ObjectNode completion = Events.read(answer);
        var events = new Events();
        for (JsonNode choice : completion.path("choices")) {
            ObjectNode chunk = head(completion);
            chunk.putArray("choices").add(choice);
            if (usage) {
                chunk.putNull("usage");
            }
            events.data(chunk);
        }
        if (usage) {
            ObjectNode last = head(completion);
            last.putArray("choices");
            last.set("usage", completion.get("usage"));
            events.data(last);
        }
        return events.done().bytes();
    }

    private static ObjectNode head(ObjectNode completion) {
        ObjectNode head = completion.deepCopy();
        head.remove("choices");
        head.remove("usage");
        return head;
    }
}
