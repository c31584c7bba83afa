package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A message of Anthropic's API as its named events. Text, thinking and the input of tools come as
 * deltas; blocks of other kinds come whole.
 */
record MessageStream() implements AnswerStream {
    @Override
    public byte[] events(RawJson answer) {
        ObjectNode message = Events.read(answer);
        var events = new Events();
        ObjectNode begun = message.deepCopy();
        begun.putArray("content");
        begun.putNull("stop_reason");
        begun.putNull("stop_sequence");
        if (begun.get("usage") instanceof ObjectNode usage) {
            usage.put("output_tokens", 0);
        }
        event(events, "message_start", Events.object().set("message", begun));
        int index = 0;
        for (JsonNode block : message.path("content")) {
            block(events, index++, (ObjectNode) block);
        }
        event(events, "message_delta", end(message));
        event(events, "message_stop", Events.object());
        return events.bytes();
    }

    private static ObjectNode end(ObjectNode message) {
        ObjectNode delta = Events.object();
        for (String field :
                new String[] {"stop_reason", "stop_sequence", "stop_details", "container"}) {
            if (message.has(field)) {
                delta.set(field, message.get(field));
            }
        }
        ObjectNode end = Events.object().set("delta", delta);
        if (message.get("usage") instanceof ObjectNode usage) {
            end.set("usage", usage);
        }
        return end;
    }

    private static void block(Events events, int index, ObjectNode block) {
        ObjectNode begun = block.deepCopy();
        switch (block.path("type").asString("")) {
            case "text" -> {
                begun.put("text", "");
                begun.remove("citations");
                start(events, index, begun);
                delta(events, index, "text_delta", "text", block.path("text").asString(""));
                for (JsonNode citation : block.path("citations")) {
                    ObjectNode delta = Events.object().put("type", "citations_delta");
                    delta.set("citation", citation);
                    delta(events, index, delta);
                }
            }
            case "thinking" -> {
                begun.put("thinking", "").put("signature", "");
                start(events, index, begun);
                delta(
                        events,
                        index,
                        "thinking_delta",
                        "thinking",
                        block.path("thinking").asString(""));
                delta(
                        events,
                        index,
                        "signature_delta",
                        "signature",
                        block.path("signature").asString(""));
            }
            case "tool_use", "server_tool_use", "mcp_tool_use" -> {
                begun.putObject("input");
                start(events, index, begun);
                delta(
                        events,
                        index,
                        "input_json_delta",
                        "partial_json",
                        Events.json(block.path("input")));
            }
            default -> start(events, index, begun);
        }
        event(events, "content_block_stop", Events.object().put("index", index));
    }

    private static void start(Events events, int index, ObjectNode block) {
        ObjectNode data = Events.object().put("index", index);
        data.set("content_block", block);
        event(events, "content_block_start", data);
    }

    private static void delta(Events events, int index, String type, String field, String text) {
        delta(events, index, Events.object().put("type", type).put(field, text));
    }

    private static void delta(Events events, int index, ObjectNode delta) {
        ObjectNode data = Events.object().put("index", index);
        data.set("delta", delta);
        event(events, "content_block_delta", data);
    }

    private static void event(Events events, String type, JsonNode data) {
        ObjectNode event = Events.object().put("type", type);
        event.setAll((ObjectNode) data);
        events.named(type, event);
    }
}
