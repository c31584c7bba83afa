package dev.batchwright.provider.echo;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * An echo in the shape of each endpoint, complete enough for clients that check it. Where an answer
 * has words they are the prompt; where it has numbers they are made from it: an answer that is
 * joined to another item's request shows. A tool that must be called gets the prompt as its
 * arguments.
 */
final class EchoAnswer {
    private static final int CHARACTERS_PER_TOKEN = 4;
    private static final int MOST_IMAGES = 10;
    private static final JsonFactory JSON = new JsonFactory();
    private static final List<String> CATEGORIES =
            List.of(
                    "hate",
                    "hate/threatening",
                    "harassment",
                    "harassment/threatening",
                    "illicit",
                    "illicit/violent",
                    "self-harm",
                    "self-harm/intent",
                    "self-harm/instructions",
                    "sexual",
                    "sexual/minors",
                    "violence",
                    "violence/graphic");

    private final EchoPrompt prompt;
    private final String id;
    private final StringBuilder json;
    private long outputTokens;

    EchoAnswer(EchoPrompt prompt, long hash) {
        this.prompt = prompt;
        this.id = Long.toHexString(hash);
        this.json = new StringBuilder(384 + prompt.characters());
    }

    /** The answer of an endpoint; empty for one that the echo does not know. */
    Optional<RawJson> to(String endpoint) {
        switch (endpoint) {
            case "/v1/chat/completions" -> chat();
            case "/v1/responses" -> response();
            case "/v1/messages" -> message();
            case "/v1/completions" -> completion();
            case "/v1/embeddings" -> embeddings();
            case "/v1/moderations" -> moderation();
            case "/v1/score" -> score();
            case "/v1/rerank" -> rerank();
            case "/v1/images/generations", "/v1/images/edits" -> images();
            default -> {
                return Optional.empty();
            }
        }
        return Optional.of(RawJson.of(json.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** What the answer counted; to be asked after it was made. */
    Usage usage() {
        return new Usage(inputTokens(), 0, outputTokens);
    }

    private void chat() {
        begin("chatcmpl-echo-", "chat.completion");
        json.append(",\"choices\":[");
        for (int i = 0; i < prompt.n(); i++) {
            json.append(i == 0 ? "" : ",").append("{\"index\":").append(i);
            json.append(",\"message\":{\"role\":\"assistant\",\"content\":");
            if (prompt.tool().isEmpty()) {
                quote(prompt.prompt());
            } else {
                json.append("null,\"tool_calls\":[{\"id\":\"call_echo_").append(id).append(i);
                json.append("\",\"type\":\"function\",\"function\":{");
                functionCall();
                json.append("}}]");
            }
            json.append(",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}");
            outputTokens += tokens(prompt.prompt().length());
        }
        json.append(']');
        chatUsage();
    }

    private void functionCall() {
        json.append("\"name\":");
        quote(prompt.tool());
        json.append(",\"arguments\":");
        quote(toolInput());
    }

    /** The prompt where it is an object, as arguments must be; else an object that has it. */
    private String toolInput() {
        if (isObject(prompt.prompt())) {
            return prompt.prompt();
        }
        var object = new StringBuilder("{\"prompt\":\"");
        JsonStringEncoder.getInstance().quoteAsString(prompt.prompt(), object);
        return object.append("\"}").toString();
    }

    private static boolean isObject(String text) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            boolean object = parser.nextToken() == JsonToken.START_OBJECT;
            parser.skipChildren();
            return object && parser.nextToken() == null;
        } catch (JacksonException notJson) {
            return false;
        }
    }

    /** As Anthropic answers. */
    private void message() {
        outputTokens = tokens(prompt.prompt().length());
        boolean tool = !prompt.tool().isEmpty();
        json.append("{\"id\":\"msg_echo_").append(id);
        json.append("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
        quote(prompt.model());
        json.append(",\"content\":[");
        if (tool) {
            json.append("{\"type\":\"tool_use\",\"id\":\"toolu_echo_").append(id);
            json.append("\",\"name\":");
            quote(prompt.tool());
            json.append(",\"input\":").append(toolInput());
        } else {
            json.append("{\"type\":\"text\",\"text\":");
            quote(prompt.prompt());
        }
        json.append("}],\"stop_reason\":\"").append(tool ? "tool_use" : "end_turn");
        json.append("\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":");
        json.append(inputTokens()).append(",\"output_tokens\":").append(outputTokens).append("}}");
    }

    private void completion() {
        begin("cmpl-echo-", "text_completion");
        json.append(",\"choices\":[");
        int index = 0;
        for (String text : prompt.texts()) {
            json.append(index == 0 ? "" : ",").append("{\"text\":");
            quote(text);
            json.append(",\"index\":").append(index);
            json.append(",\"logprobs\":null,\"finish_reason\":\"stop\"}");
            outputTokens += tokens(text.length());
            index++;
        }
        json.append(']');
        chatUsage();
    }

    private void response() {
        outputTokens = tokens(prompt.prompt().length());
        json.append("{\"id\":\"resp_echo_").append(id);
        json.append("\",\"object\":\"response\",\"created_at\":0,\"status\":\"completed\"");
        json.append(",\"error\":null,\"incomplete_details\":null,\"instructions\":null");
        json.append(",\"metadata\":{},\"temperature\":1,\"top_p\":1");
        json.append(",\"parallel_tool_calls\":true,\"tool_choice\":\"auto\",\"tools\":[]");
        json.append(",\"model\":");
        quote(prompt.model());
        json.append(",\"output\":[");
        if (prompt.tool().isEmpty()) {
            json.append("{\"type\":\"message\",\"id\":\"msg_echo_").append(id);
            json.append("\",\"status\":\"completed\",\"role\":\"assistant\",\"content\":[");
            json.append("{\"type\":\"output_text\",\"text\":");
            quote(prompt.prompt());
            json.append(",\"annotations\":[],\"logprobs\":[]}]}");
        } else {
            json.append("{\"type\":\"function_call\",\"id\":\"fc_echo_").append(id);
            json.append("\",\"call_id\":\"call_echo_").append(id);
            json.append("\",\"status\":\"completed\",");
            functionCall();
            json.append('}');
        }
        json.append("],\"usage\":{\"input_tokens\":").append(inputTokens());
        json.append(",\"input_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0}");
        json.append(",\"output_tokens\":").append(outputTokens);
        json.append(",\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":");
        json.append(inputTokens() + outputTokens).append("}}");
    }

    private void embeddings() {
        json.append("{\"object\":\"list\",\"data\":[");
        int index = 0;
        for (String text : prompt.texts()) {
            json.append(index == 0 ? "" : ",").append("{\"object\":\"embedding\",\"index\":");
            json.append(index).append(",\"embedding\":");
            vector(EchoHash.of(text));
            json.append('}');
            index++;
        }
        json.append("],\"model\":");
        quote(prompt.model());
        inputUsage();
    }

    private void vector(long hash) {
        if (prompt.base64()) {
            var bytes =
                    ByteBuffer.allocate(prompt.dimensions() * Float.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < prompt.dimensions(); i++) {
                bytes.putFloat(component(hash, i));
            }
            json.append('"').append(Base64.getEncoder().encodeToString(bytes.array())).append('"');
            return;
        }
        json.append('[');
        for (int i = 0; i < prompt.dimensions(); i++) {
            json.append(i == 0 ? "" : ",").append(component(hash, i));
        }
        json.append(']');
    }

    private static float component(long hash, int i) {
        return (float) (EchoHash.unit(EchoHash.mixed(hash + i)) * 2 - 1);
    }

    private void moderation() {
        json.append("{\"id\":\"modr-echo-").append(id).append("\",\"model\":");
        quote(prompt.model());
        json.append(",\"results\":[");
        for (int i = 0; i < prompt.texts().size(); i++) {
            json.append(i == 0 ? "" : ",");
            json.append("{\"flagged\":false");
            categories("categories", "false");
            categories("category_scores", "0.0");
            categories("category_applied_input_types", "[]");
            json.append('}');
        }
        json.append("]}");
    }

    private void categories(String name, String value) {
        json.append(",\"").append(name).append("\":{");
        for (int i = 0; i < CATEGORIES.size(); i++) {
            json.append(i == 0 ? "\"" : ",\"").append(CATEGORIES.get(i));
            json.append("\":").append(value);
        }
        json.append('}');
    }

    private void score() {
        begin("score-echo-", "list");
        json.append(",\"data\":[");
        int index = 0;
        for (String text : prompt.texts()) {
            json.append(index == 0 ? "" : ",").append("{\"index\":").append(index);
            json.append(",\"object\":\"score\",\"score\":").append(likeness(text)).append('}');
            index++;
        }
        json.append(']');
        inputUsage();
    }

    private void rerank() {
        json.append("{\"id\":\"rerank-echo-").append(id).append("\",\"model\":");
        quote(prompt.model());
        json.append(",\"results\":[");
        int index = 0;
        for (String text : prompt.texts()) {
            json.append(index == 0 ? "" : ",").append("{\"index\":").append(index);
            json.append(",\"document\":{\"text\":");
            quote(text);
            json.append("},\"relevance_score\":").append(likeness(text)).append('}');
            index++;
        }
        json.append(']');
        inputUsage();
    }

    private double likeness(String text) {
        return EchoHash.unit(EchoHash.mixed(EchoHash.of(prompt.query()) + EchoHash.of(text)));
    }

    private void images() {
        byte[] picture = prompt.prompt().getBytes(StandardCharsets.UTF_8);
        json.append("{\"created\":0,\"data\":[");
        for (int i = 0; i < Math.min(prompt.n(), MOST_IMAGES); i++) {
            json.append(i == 0 ? "" : ",").append("{\"b64_json\":\"");
            json.append(Base64.getEncoder().encodeToString(picture))
                    .append("\",\"revised_prompt\":");
            quote(prompt.prompt());
            json.append('}');
        }
        json.append("]}");
    }

    private void begin(String idPrefix, String object) {
        json.append("{\"id\":\"").append(idPrefix).append(id);
        json.append("\",\"object\":\"").append(object).append("\",\"created\":0,\"model\":");
        quote(prompt.model());
    }

    private void chatUsage() {
        json.append(",\"usage\":{\"prompt_tokens\":").append(inputTokens());
        json.append(",\"completion_tokens\":").append(outputTokens);
        json.append(",\"total_tokens\":").append(inputTokens() + outputTokens).append("}}");
    }

    private void inputUsage() {
        json.append(",\"usage\":{\"prompt_tokens\":").append(inputTokens());
        json.append(",\"total_tokens\":").append(inputTokens()).append("}}");
    }

    private void quote(String text) {
        json.append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        json.append('"');
    }

    private long inputTokens() {
        return tokens(prompt.characters());
    }

    private static long tokens(long characters) {
        return (characters + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
    }
}
