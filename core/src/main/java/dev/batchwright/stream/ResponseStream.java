package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer of the responses API as its named events. Texts, refusals, arguments and reasoning are
 * told as they would grow; items of other kinds are added and done.
 */
record ResponseStream() implements AnswerStream {
    @Override
    public byte[] events(RawJson answer) {
        return new Telling(Events.read(answer)).all();
    }

    /** One answer being told. */
    private static final class Telling {
        private final ObjectNode response;
        private final Events events = new Events();
        private int number;

        Telling(ObjectNode response) {
            this.response = response;
        }

        byte[] all() {
            ObjectNode begun = response.deepCopy();
            begun.put("status", "in_progress");
            begun.putArray("output");
            begun.putNull("usage");
            begun.putNull("error");
            begun.putNull("incomplete_details");
            event("response.created", with("response", begun));
            event("response.in_progress", with("response", begun));
            int index = 0;
            for (JsonNode item : response.path("output")) {
                item(index++, (ObjectNode) item);
            }
            event("response." + end(), with("response", response));
            return events.bytes();
        }

        private String end() {
            String status = response.path("status").asString("completed");
            return switch (status) {
                case "incomplete", "failed" -> status;
                default -> "completed";
            };
        }

        private void item(int index, ObjectNode item) {
            ObjectNode begun = item.deepCopy();
            if (begun.has("status")) {
                begun.put("status", "in_progress");
            }
            for (String grows : new String[] {"content", "summary"}) {
                if (begun.path(grows).isArray()) {
                    begun.putArray(grows);
                }
            }
            for (String grows : new String[] {"arguments", "input"}) {
                if (begun.path(grows).isString()) {
                    begun.put(grows, "");
                }
            }
            event("response.output_item.added", at(index).set("item", begun));
            switch (item.path("type").asString("")) {
                case "message" -> content(index, item);
                case "reasoning" -> reasoning(index, item);
                case "function_call" ->
                        argument(index, item, "function_call_arguments", "arguments");
                case "mcp_call" -> argument(index, item, "mcp_call_arguments", "arguments");
                case "custom_tool_call" -> argument(index, item, "custom_tool_call_input", "input");
                default -> {}
            }
            event("response.output_item.done", at(index).set("item", item));
        }

        private void content(int index, ObjectNode item) {
            int place = 0;
            for (JsonNode part : item.path("content")) {
                boolean refusal = part.path("type").asString("").equals("refusal");
                String field = refusal ? "refusal" : "text";
                ObjectNode empty = ((ObjectNode) part).deepCopy().put(field, "");
                if (empty.path("annotations").isArray()) {
                    empty.putArray("annotations");
                }
                event("response.content_part.added", in(index, item, place).set("part", empty));
                String kind = refusal ? "response.refusal" : "response.output_text";
                event(kind + ".delta", text(in(index, item, place), refusal, "delta", part, field));
                annotations(index, item, place, part);
                event(kind + ".done", text(in(index, item, place), refusal, field, part, field));
                event("response.content_part.done", in(index, item, place).set("part", part));
                place++;
            }
        }

        private static ObjectNode text(
                ObjectNode data, boolean refusal, String name, JsonNode part, String field) {
            data.put(name, part.path(field).asString(""));
            if (!refusal) {
                JsonNode logprobs = part.path("logprobs");
                data.set("logprobs", logprobs instanceof ArrayNode ? logprobs : data.arrayNode());
            }
            return data;
        }

        private void annotations(int index, ObjectNode item, int place, JsonNode part) {
            int count = 0;
            for (JsonNode annotation : part.path("annotations")) {
                event(
                        "response.output_text.annotation.added",
                        in(index, item, place)
                                .put("annotation_index", count++)
                                .set("annotation", annotation));
            }
        }

        private void reasoning(int index, ObjectNode item) {
            int place = 0;
            for (JsonNode part : item.path("summary")) {
                String text = part.path("text").asString("");
                ObjectNode empty = ((ObjectNode) part).deepCopy().put("text", "");
                String kind = "response.reasoning_summary_";
                event(kind + "part.added", summary(index, item, place).set("part", empty));
                event(kind + "text.delta", summary(index, item, place).put("delta", text));
                event(kind + "text.done", summary(index, item, place).put("text", text));
                event(kind + "part.done", summary(index, item, place).set("part", part));
                place++;
            }
            place = 0;
            for (JsonNode part : item.path("content")) {
                String text = part.path("text").asString("");
                event("response.reasoning_text.delta", in(index, item, place).put("delta", text));
                event("response.reasoning_text.done", in(index, item, place).put("text", text));
                place++;
            }
        }

        private void argument(int index, ObjectNode item, String kind, String field) {
            String text = item.path(field).asString("");
            event("response." + kind + ".delta", of(index, item).put("delta", text));
            ObjectNode done = of(index, item).put(field, text);
            if (kind.equals("function_call_arguments")) {
                done.set("name", item.get("name"));
            }
            event("response." + kind + ".done", done);
        }

        private static ObjectNode with(String name, JsonNode value) {
            return Events.object().set(name, value);
        }

        private static ObjectNode at(int index) {
            return Events.object().put("output_index", index);
        }

        private static ObjectNode of(int index, ObjectNode item) {
            return at(index).put("item_id", item.path("id").asString(""));
        }

        private static ObjectNode in(int index, ObjectNode item, int place) {
            return of(index, item).put("content_index", place);
        }

        private static ObjectNode summary(int index, ObjectNode item, int place) {
            return of(index, item).put("summary_index", place);
        }

        private void event(String type, JsonNode data) {
            ObjectNode event = Events.object().put("type", type).put("sequence_number", number++);
            event.setAll((ObjectNode) data);
            events.named(type, event);
        }
    }
}
