package dev.batchwright.provider.gemini;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a message says, as parts of Gemini's: text, pictures, recordings, files. */
final class ChatContent {
    private static final Pattern DATA_URL =
            Pattern.compile("data:([\\w.+-]+/[\\w.+-]+)(?:;[^,;]*)*;base64,", Pattern.DOTALL);
    private static final Pattern EXTENSION = Pattern.compile("\\.(\\w{1,5})(?:[?#].*)?$");
    private static final Pattern UPLOADED =
            Pattern.compile("https://generativelanguage\\.googleapis\\.com/v1\\w*/files/.+");
    private static final Map<String, String> IMAGE_TYPES =
            Map.of(
                    "png", "image/png",
                    "jpg", "image/jpeg",
                    "jpeg", "image/jpeg",
                    "webp", "image/webp",
                    "heic", "image/heic",
                    "heif", "image/heif",
                    "gif", "image/gif",
                    "bmp", "image/bmp");

    private ChatContent() {}

    /**
     * @param content a text, or a list of parts
     */
    static void addParts(JsonNode content, ArrayNode parts) throws Untranslatable {
        if (content.isString()) {
            parts.addObject().set("text", content);
            return;
        }
        for (JsonNode part : content) {
            parts.add(part(part));
        }
    }

    /** The text of a content that may have nothing else. */
    static String text(JsonNode content) throws Untranslatable {
        if (!content.isArray()) {
            return content.asString("");
        }
        var text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("type").asString("").equals("text")) {
                throw ChatRequest.noCounterpart("something else than text in a tool's message");
            }
            text.append(part.path("text").asString(""));
        }
        return text.toString();
    }

    private static ObjectNode part(JsonNode part) throws Untranslatable {
        ObjectNode translated = Json.MAPPER.createObjectNode();
        String type = part.path("type").asString("");
        switch (type) {
            case "text", "refusal" -> translated.set("text", part.path(type));
            case "image_url" -> image(part.path("image_url"), translated);
            case "input_audio" -> {
                JsonNode audio = part.path("input_audio");
                translated
                        .putObject("inlineData")
                        .put("mimeType", "audio/" + audio.path("format").asString("wav"))
                        .set("data", audio.path("data"));
            }
            case "file" -> {
                String data = part.path("file").path("file_data").asString("");
                if (!inline(data, translated)) {
                    throw ChatRequest.noCounterpart("a file without `file_data` as a data URL");
                }
            }
            default -> throw ChatRequest.noCounterpart("a part of a message of another type");
        }
        return translated;
    }

    private static void image(JsonNode image, ObjectNode part) throws Untranslatable {
        String detail = image.path("detail").asString("auto");
        if (!detail.equals("auto")) {
            throw ChatRequest.noCounterpart("`image_url.detail` other than `auto`");
        }
        String url = image.path("url").asString("");
        if (!inline(url, part)) {
            reference(url, part);
        }
    }

    private static boolean inline(String url, ObjectNode part) {
        Matcher data = DATA_URL.matcher(url);
        if (!data.lookingAt()) {
            return false;
        }
        part.putObject("inlineData")
                .put("mimeType", data.group(1))
                .put("data", url.substring(data.end()));
        return true;
    }

    /** Gemini fetches what it is told the type of, by https, and knows the files that it has. */
    private static void reference(String url, ObjectNode part) throws Untranslatable {
        Matcher extension = EXTENSION.matcher(url);
        Optional<String> type =
                extension.find()
                        ? Optional.ofNullable(
                                IMAGE_TYPES.get(extension.group(1).toLowerCase(Locale.ROOT)))
                        : Optional.empty();
        boolean known = UPLOADED.matcher(url).matches();
        if (!known && (type.isEmpty() || !url.startsWith("https://"))) {
            throw ChatRequest.noCounterpart(
                    "an `image_url` that is neither a data URL, nor one of Gemini's files, nor an"
                            + " https address that ends in the kind of the picture (.png, .jpg)");
        }
        ObjectNode file = part.putObject("fileData");
        type.ifPresent(it -> file.put("mimeType", it));
        file.put("fileUri", url);
    }
}
