package dev.batchwright.provider.anthropic;

import dev.batchwright.job.RawJson;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Turns the body of a chat completion into one for {@code /v1/messages}.
 *
 * <p>Instructions of the system and the developer, wherever they stand, become {@code system};
 * results of tools that follow one another become one message of the user. An answer that must be
 * JSON of a schema is asked for by {@code output_config}; one that must be any JSON object, by a
 * tool that has to be called, {@value #JSON_TOOL}, which {@link MessageToChat} takes off again.
 * Where no limit is set, {@value #DEFAULT_MAX_TOKENS} tokens are: Anthropic wants one.
 *
 * <p>Anthropic's own {@code thinking}, {@code top_k} and {@code cache_control} are passed on. Left
 * out is what names or hints and asks for nothing: a picture's {@code detail}, a schema's {@code
 * name}. Everything else that has no counterpart is refused by name.
 */
final class ChatToMessages {
    static final int DEFAULT_MAX_TOKENS = 4096;
    static final String JSON_TOOL = "batchwright_json";

    private static final Set<String> TRANSLATED =
            Set.of(
                    "model",
                    "messages",
                    "max_tokens",
                    "max_completion_tokens",
                    "temperature",
                    "top_p",
                    "stop",
                    "user",
                    "safety_identifier",
                    "reasoning_effort",
                    "response_format",
                    "service_tier",
                    "tools",
                    "tool_choice",
                    "parallel_tool_calls",
                    "thinking",
                    "top_k");
    private static final List<String> AS_THEY_ARE =
            List.of("temperature", "top_p", "top_k", "thinking");
    private static final Set<String> EFFORTS = Set.of("low", "medium", "high", "xhigh", "max");
    private static final Pattern WORD = Pattern.compile("[a-z0-9_.-]{1,40}");
    private static final Pattern DATA_URL =
            Pattern.compile("data:([\\w.+-]+/[\\w.+-]+)(?:;[^;,]*)*;base64");
    private static final int LONGEST_DATA_URL_HEAD = 200;

    private final JsonPart chat;
    private final Set<String> refusals = new LinkedHashSet<>();
    private final Splice system = new Splice();
    private final Splice messages = new Splice();
    private final Splice toolResults = new Splice();
    private final Splice out = new Splice();

    private ChatToMessages(JsonPart chat) {
        this.chat = chat;
    }

    static Translation translate(RawJson body) {
        Optional<JsonPart> chat = JsonPart.parse(body.toByteArray()).filter(JsonPart::isObject);
        return chat.isEmpty()
                ? new Translation.Refused("its body is not a JSON object")
                : new ChatToMessages(chat.get()).translation();
    }

    private Translation translation() {
        for (int i = 0; i < chat.names().size(); i++) {
            check(chat.names().get(i), chat.parts().get(i));
        }
        readMessages();
        write();
        return refusals.isEmpty()
                ? new Translation.Made(out)
                : new Translation.Refused(String.join("; ", refusals));
    }

    private void refuse(String reason) {
        refusals.add(reason);
    }

    private void noCounterpart(String what) {
        refuse("Anthropic has no counterpart of " + what);
    }

    private void check(String name, JsonPart value) {
        if (value.isNull() || TRANSLATED.contains(name)) {
            return;
        }
        switch (name) {
            case "n" -> only(value.isNumber() && value.number() == 1, name, "1");
            case "stream", "store", "logprobs" -> only(value.isFalse(), name, "false");
            case "top_logprobs", "presence_penalty", "frequency_penalty" ->
                    only(value.isNumber() && value.number() == 0, name, "0");
            case "logit_bias" -> only(value.parts().isEmpty() && value.isObject(), name, "{}");
            case "verbosity" -> only(value.text().equals("medium"), name, "medium");
            case "modalities" ->
                    only(
                            value.parts().size() == 1
                                    && value.parts().getFirst().text().equals("text"),
                            name,
                            "[\"text\"]");
            default -> noCounterpart("`%s`".formatted(name));
        }
    }

    private void only(boolean taken, String name, String value) {
        if (!taken) {
            noCounterpart("`%s` other than %s".formatted(name, value));
        }
    }

    private void write() {
        out.text("{\"messages\":[").splice(messages).text("]");
        chat.field("model").ifPresent(model -> out.text(",\"model\":").part(model));
        if (!system.isEmpty()) {
            out.text(",\"system\":[").splice(system).text("]");
        }
        out.text(",\"max_tokens\":");
        chat.field("max_completion_tokens")
                .or(() -> chat.field("max_tokens"))
                .ifPresentOrElse(out::part, () -> out.text(String.valueOf(DEFAULT_MAX_TOKENS)));
        checkTemperature();
        for (String name : AS_THEY_ARE) {
            chat.field(name).ifPresent(value -> member(name).part(value));
        }
        chat.field("stop").ifPresent(this::writeStop);
        chat.field("user")
                .or(() -> chat.field("safety_identifier"))
                .ifPresent(user -> member("metadata").text("{\"user_id\":").part(user).text("}"));
        chat.field("service_tier").ifPresent(this::writeServiceTier);
        writeOutputConfig();
        writeTools();
        out.text("}");
    }

    private Splice member(String name) {
        return out.text(",\"%s\":".formatted(name));
    }

    private void checkTemperature() {
        boolean tooHigh =
                chat.field("temperature")
                                .filter(JsonPart::isNumber)
                                .map(JsonPart::number)
                                .orElse(0.0)
                        > 1;
        if (tooHigh) {
            noCounterpart("a `temperature` above 1");
        }
    }

    private void writeStop(JsonPart stop) {
        member("stop_sequences");
        if (stop.isString()) {
            out.text("[").part(stop).text("]");
        } else {
            out.part(stop);
        }
    }

    private void writeServiceTier(JsonPart tier) {
        switch (tier.text()) {
            case "auto" -> member("service_tier").text("\"auto\"");
            case "default" -> member("service_tier").text("\"standard_only\"");
            default -> noCounterpart("a `service_tier` other than auto and default");
        }
    }

    private void writeOutputConfig() {
        var config = new Splice();
        String effort = chat.text("reasoning_effort");
        if (EFFORTS.contains(effort)) {
            config.text("\"effort\":\"%s\"".formatted(effort));
        } else if (effort.equals("none") && chat.field("thinking").isEmpty()) {
            member("thinking").text("{\"type\":\"disabled\"}");
        } else if (chat.field("reasoning_effort").isPresent()) {
            noCounterpart(
                    "this `reasoning_effort`: it takes none, low, medium, high, xhigh and max");
        }
        chat.field("response_format").ifPresent(format -> readFormat(format, config));
        if (!config.isEmpty()) {
            member("output_config").text("{").splice(config).text("}");
        }
    }

    private void readFormat(JsonPart format, Splice config) {
        switch (format.text("type")) {
            case "text", "json_object" -> {}
            case "json_schema" ->
                    format.field("json_schema")
                            .flatMap(it -> it.field("schema"))
                            .ifPresentOrElse(
                                    schema ->
                                            config.text(config.isEmpty() ? "" : ",")
                                                    .text("\"format\":{\"type\":\"json_schema\",")
                                                    .text("\"schema\":")
                                                    .part(schema)
                                                    .text("}"),
                                    () -> refuse("`response_format` holds no schema"));
            default -> noCounterpart("this `response_format`");
        }
    }

    private boolean anyJson() {
        return chat.field("response_format")
                .map(format -> format.text("type"))
                .filter("json_object"::equals)
                .isPresent();
    }

    private void writeTools() {
        List<JsonPart> tools = chat.field("tools").map(JsonPart::parts).orElse(List.of());
        if (anyJson()) {
            if (!tools.isEmpty()) {
                noCounterpart("`response_format` json_object together with `tools`");
            }
            member("tools")
                    .text("[{\"name\":\"%s\",".formatted(JSON_TOOL))
                    .text("\"description\":\"Takes the answer: one JSON object.\",")
                    .text("\"input_schema\":{\"type\":\"object\"}}]");
            member("tool_choice").text("{\"type\":\"tool\",\"name\":\"%s\"}".formatted(JSON_TOOL));
            return;
        }
        if (tools.isEmpty()) {
            return;
        }
        member("tools").text("[");
        for (int i = 0; i < tools.size(); i++) {
            out.text(i == 0 ? "" : ",");
            writeTool(tools.get(i));
        }
        out.text("]");
        writeToolChoice();
    }

    private void writeTool(JsonPart tool) {
        Optional<JsonPart> function = tool.field("function");
        if (!tool.text("type").equals("function") || function.isEmpty()) {
            noCounterpart("a tool of type `%s`".formatted(word(tool.text("type"))));
            return;
        }
        known("tools[]", tool, Set.of("type", "function", "cache_control"));
        known(
                "tools[].function",
                function.get(),
                Set.of("name", "description", "parameters", "strict"));
        out.text("{\"name\":");
        function.get()
                .field("name")
                .ifPresentOrElse(out::part, () -> refuse("a function in `tools` has no name"));
        function.get().field("description").ifPresent(it -> member("description").part(it));
        member("input_schema");
        function.get()
                .field("parameters")
                .ifPresentOrElse(
                        out::part, () -> out.text("{\"type\":\"object\",\"properties\":{}}"));
        function.get()
                .field("strict")
                .filter(JsonPart::isTrue)
                .ifPresent(it -> member("strict").part(it));
        cacheControl(tool);
        out.text("}");
    }

    private void writeToolChoice() {
        Optional<JsonPart> choice = chat.field("tool_choice");
        boolean single = chat.field("parallel_tool_calls").filter(JsonPart::isFalse).isPresent();
        if (choice.isEmpty() && !single) {
            return;
        }
        String word = choice.map(JsonPart::text).orElse("auto");
        member("tool_choice").text("{\"type\":");
        switch (word) {
            case "auto", "none" -> out.text("\"%s\"".formatted(word));
            case "required" -> out.text("\"any\"");
            default ->
                    choice.flatMap(it -> it.field("function"))
                            .flatMap(it -> it.field("name"))
                            .ifPresentOrElse(
                                    name -> out.text("\"tool\",\"name\":").part(name),
                                    () -> noCounterpart("this `tool_choice`"));
        }
        out.text(single && !word.equals("none") ? ",\"disable_parallel_tool_use\":true}" : "}");
    }

    private void readMessages() {
        Optional<JsonPart> list = chat.field("messages").filter(JsonPart::isArray);
        if (list.isEmpty()) {
            refuse("its `messages` is not a list");
            return;
        }
        list.get().parts().forEach(this::readMessage);
        endToolResults();
        if (messages.isEmpty() && refusals.isEmpty()) {
            refuse("Anthropic needs a message of the user, and there is none");
        }
    }

    private void readMessage(JsonPart message) {
        String role = message.text("role");
        if (!role.equals("tool")) {
            endToolResults();
        }
        switch (role) {
            case "system", "developer" -> {
                known("messages[]", message, Set.of("role", "content"));
                // Anthropic takes no text that is empty.
                if (message.field("content").filter(JsonPart::isEmptyString).isEmpty()) {
                    texts(message, system);
                }
            }
            case "user" -> {
                known("messages[]", message, Set.of("role", "content"));
                begin("user");
                content(message);
                messages.text("}");
            }
            case "assistant" -> assistant(message);
            case "tool" -> toolResult(message);
            default -> noCounterpart("a message of role `%s`".formatted(word(role)));
        }
    }

    private void begin(String role) {
        messages.text(messages.isEmpty() ? "" : ",")
                .text("{\"role\":\"%s\",\"content\":".formatted(role));
    }

    private void content(JsonPart message) {
        // A message without content stands for it: neither text nor a list.
        JsonPart content = message.field("content").orElse(message);
        if (content.isString()) {
            messages.part(content);
        } else if (content.isArray()) {
            var blocks = new Splice();
            content.parts().forEach(part -> userBlock(part, blocks));
            messages.text("[").splice(blocks).text("]");
        } else {
            refuse("a message has no `content`");
        }
    }

    private void userBlock(JsonPart part, Splice blocks) {
        switch (part.text("type")) {
            case "text" -> textBlock(part, blocks);
            case "image_url" -> imageBlock(part, blocks);
            case "file" -> documentBlock(part, blocks);
            default -> unknownPart(part);
        }
    }

    private void unknownPart(JsonPart part) {
        noCounterpart("content of type `%s`".formatted(word(part.text("type"))));
    }

    private void textBlock(JsonPart part, Splice blocks) {
        known("messages[].content[]", part, Set.of("type", "text", "cache_control"));
        Optional<JsonPart> text = part.field("text").filter(JsonPart::isString);
        if (text.isEmpty()) {
            refuse("content of type `text` has no text");
            return;
        }
        next(blocks).text("{\"type\":\"text\",\"text\":").part(text.get());
        cacheControl(part, blocks).text("}");
    }

    private static Splice next(Splice list) {
        return list.text(list.isEmpty() ? "" : ",");
    }

    private void cacheControl(JsonPart part) {
        cacheControl(part, out);
    }

    private static Splice cacheControl(JsonPart part, Splice target) {
        part.field("cache_control").ifPresent(it -> target.text(",\"cache_control\":").part(it));
        return target;
    }

    private void imageBlock(JsonPart part, Splice blocks) {
        known("messages[].content[]", part, Set.of("type", "image_url", "cache_control"));
        Optional<JsonPart> image = part.field("image_url");
        image.filter(JsonPart::isObject)
                .ifPresent(it -> known("image_url", it, Set.of("url", "detail")));
        Optional<JsonPart> url =
                image.flatMap(it -> it.isString() ? image : it.field("url"))
                        .filter(JsonPart::isString);
        if (url.isEmpty()) {
            refuse("content of type `image_url` has no URL");
            return;
        }
        next(blocks).text("{\"type\":\"image\",\"source\":");
        source(url.get(), blocks);
        cacheControl(part, blocks).text("}");
    }

    private void documentBlock(JsonPart part, Splice blocks) {
        known("messages[].content[]", part, Set.of("type", "file", "cache_control"));
        Optional<JsonPart> file = part.field("file");
        file.ifPresent(it -> known("file", it, Set.of("file_data", "filename")));
        Optional<JsonPart> data = file.flatMap(it -> it.field("file_data"));
        if (data.isEmpty()) {
            refuse("content of type `file` has no `file_data`");
            return;
        }
        next(blocks).text("{\"type\":\"document\",\"source\":");
        source(data.get(), blocks);
        file.flatMap(it -> it.field("filename"))
                .ifPresent(name -> blocks.text(",\"title\":").part(name));
        cacheControl(part, blocks).text("}");
    }

    private void source(JsonPart url, Splice blocks) {
        ByteBuffer text = url.inside();
        if (!startsWith(text, "data:")) {
            blocks.text("{\"type\":\"url\",\"url\":").part(url).text("}");
            return;
        }
        int comma = 0;
        int most = Math.min(text.remaining(), LONGEST_DATA_URL_HEAD);
        while (comma < most && text.get(text.position() + comma) != ',') {
            comma++;
        }
        // Some writers of JSON escape every slash.
        String head = ascii(text, comma).replace("\\/", "/");
        var dataUrl = DATA_URL.matcher(head);
        if (comma == most || !dataUrl.matches()) {
            noCounterpart("a data URL that does not name its type and base64");
            return;
        }
        int skipped = comma + 1;
        blocks.text("{\"type\":\"base64\",\"media_type\":\"%s\",".formatted(dataUrl.group(1)))
                .text("\"data\":\"")
                .bytes(text.slice(text.position() + skipped, text.remaining() - skipped))
                .text("\"}");
    }

    private static boolean startsWith(ByteBuffer text, String prefix) {
        return text.remaining() >= prefix.length()
                && ascii(text, prefix.length()).equalsIgnoreCase(prefix);
    }

    private static String ascii(ByteBuffer text, int length) {
        return StandardCharsets.ISO_8859_1.decode(text.slice(text.position(), length)).toString();
    }

    /** The texts of a message that can hold nothing else, as blocks. */
    private void texts(JsonPart message, Splice blocks) {
        JsonPart content = message.field("content").orElse(message);
        if (content.isString()) {
            next(blocks).text("{\"type\":\"text\",\"text\":").part(content).text("}");
        } else if (content.isArray()) {
            for (JsonPart part : content.parts()) {
                if (part.text("type").equals("text")) {
                    textBlock(part, blocks);
                } else {
                    unknownPart(part);
                }
            }
        } else {
            refuse("a message has no `content`");
        }
    }

    private void assistant(JsonPart message) {
        known("messages[]", message, Set.of("role", "content", "tool_calls", "refusal"));
        Optional<JsonPart> content = message.field("content").or(() -> message.field("refusal"));
        List<JsonPart> calls = message.field("tool_calls").map(JsonPart::parts).orElse(List.of());
        begin("assistant");
        if (calls.isEmpty() && content.filter(JsonPart::isString).isPresent()) {
            messages.part(content.get()).text("}");
            return;
        }
        var blocks = new Splice();
        content.ifPresent(it -> assistantBlocks(it, blocks));
        calls.forEach(call -> toolUse(call, blocks));
        if (blocks.isEmpty()) {
            refuse("a message has no `content`");
        }
        messages.text("[").splice(blocks).text("]}");
    }

    private void assistantBlocks(JsonPart content, Splice blocks) {
        if (content.isString()) {
            // Beside calls of tools it is often empty, which Anthropic does not take.
            if (!content.isEmptyString()) {
                next(blocks).text("{\"type\":\"text\",\"text\":").part(content).text("}");
            }
            return;
        }
        for (JsonPart part : content.parts()) {
            switch (part.text("type")) {
                case "text" -> textBlock(part, blocks);
                case "refusal" ->
                        part.field("refusal")
                                .ifPresent(
                                        it ->
                                                next(blocks)
                                                        .text("{\"type\":\"text\",\"text\":")
                                                        .part(it)
                                                        .text("}"));
                default -> unknownPart(part);
            }
        }
    }

    private void toolUse(JsonPart call, Splice blocks) {
        known("tool_calls[]", call, Set.of("id", "type", "function", "index"));
        Optional<JsonPart> id = call.field("id");
        Optional<JsonPart> name = call.field("function").flatMap(it -> it.field("name"));
        if (id.isEmpty() || name.isEmpty()) {
            refuse("a call in `tool_calls` has no id or is not of a function");
            return;
        }
        String arguments = call.field("function").map(it -> it.text("arguments")).orElse("");
        byte[] input = (arguments.isBlank() ? "{}" : arguments).getBytes(StandardCharsets.UTF_8);
        Optional<JsonPart> object = JsonPart.parse(input).filter(JsonPart::isObject);
        if (object.isEmpty()) {
            refuse("the `arguments` of a call in `tool_calls` are not a JSON object");
            return;
        }
        next(blocks).text("{\"type\":\"tool_use\",\"id\":").part(id.get());
        blocks.text(",\"name\":").part(name.get());
        blocks.text(",\"input\":").part(object.get()).text("}");
    }

    private void toolResult(JsonPart message) {
        known("messages[]", message, Set.of("role", "content", "tool_call_id"));
        Optional<JsonPart> id = message.field("tool_call_id");
        if (id.isEmpty()) {
            refuse("a message of role `tool` has no `tool_call_id`");
            return;
        }
        next(toolResults).text("{\"type\":\"tool_result\",\"tool_use_id\":").part(id.get());
        toolResults.text(",\"content\":");
        Optional<JsonPart> whole = message.field("content").filter(JsonPart::isString);
        if (whole.isPresent()) {
            toolResults.part(whole.get()).text("}");
            return;
        }
        var blocks = new Splice();
        texts(message, blocks);
        toolResults.text("[").splice(blocks).text("]}");
    }

    private void endToolResults() {
        if (toolResults.isEmpty()) {
            return;
        }
        begin("user");
        messages.text("[").splice(toolResults).text("]}");
        toolResults.clear();
    }

    private void known(String where, JsonPart object, Set<String> names) {
        for (int i = 0; i < object.names().size(); i++) {
            String name = object.names().get(i);
            if (!names.contains(name) && !object.parts().get(i).isNull()) {
                noCounterpart("`%s.%s`".formatted(where, name));
            }
        }
    }

    // What stands where a name of the API should is said only if it looks like one.
    private static String word(String value) {
        return WORD.matcher(value).matches() ? value : "?";
    }
}
