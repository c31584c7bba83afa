package dev.batchwright.server.page;

import static dev.batchwright.server.page.Attribute.cls;
import static dev.batchwright.server.page.Tags.span;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON laid out for reading. Long strings are cut, and so is the whole: what is shown is bounded,
 * however large the value is.
 *
 * @param html what is shown of it
 * @param whole whether that is all
 */
record PrettyJson(Html html, boolean whole) {
    private static final int LONGEST_STRING = 4_000;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    /**
     * @param most characters that are shown, about
     */
    static PrettyJson of(byte[] json, int most) {
        var layout = new Layout(most);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            layout.read(parser);
            return new PrettyJson(new Html.Group(layout.parts), layout.whole);
        } catch (JacksonException notJson) {
            // A provider's line is kept as it came, and may be anything: then it is text.
            String text = new String(json, 0, Math.min(json.length, most), StandardCharsets.UTF_8);
            return new PrettyJson(Html.text(text), json.length <= most);
        }
    }

    private static final class Layout {
        private final int most;
        private final List<Html> parts = new ArrayList<>();
        private final StringBuilder plain = new StringBuilder();
        private int written;
        private int depth;
        private boolean whole = true;

        Layout(int most) {
            this.most = most;
        }

        void read(JsonParser parser) {
            boolean first = true; // Whether nothing stands before this in its array or object.
            boolean afterName = false;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (written > most) {
                    whole = false;
                    break;
                }
                boolean ends = token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY;
                depth -= ends ? 1 : 0;
                if (ends) {
                    plain(first ? "" : newLine());
                } else if (!afterName && depth > 0) {
                    plain((first ? "" : ",") + newLine());
                }
                value(parser, token);
                boolean begins = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
                depth += begins ? 1 : 0;
                afterName = token == JsonToken.PROPERTY_NAME;
                first = begins;
            }
            flush();
        }

        private String newLine() {
            return "\n" + "  ".repeat(Math.min(depth, 40));
        }

        private void value(JsonParser parser, JsonToken token) {
            switch (token) {
                case START_OBJECT -> plain("{");
                case END_OBJECT -> plain("}");
                case START_ARRAY -> plain("[");
                case END_ARRAY -> plain("]");
                case PROPERTY_NAME -> {
                    marked("key", quoted(parser.currentName()));
                    plain(": ");
                }
                case VALUE_STRING -> string(parser.getString());
                default -> marked("literal", parser.getString());
            }
        }

        private void string(String value) {
            int left = Math.max(0, Math.min(LONGEST_STRING, most - written));
            if (value.length() <= left) {
                marked("string", quoted(value));
                return;
            }
            whole = false;
            marked("string", quoted(value.substring(0, left)));
            marked("cut", " \u2026 %s characters in all".formatted(Figures.count(value.length())));
        }

        private static String quoted(String text) {
            return "\"" + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + "\"";
        }

        private void plain(String text) {
            plain.append(text);
            written += text.length();
        }

        private void marked(String kind, String text) {
            flush();
            parts.add(span(cls(kind), Html.text(text)));
            written += text.length();
        }

        private void flush() {
            if (!plain.isEmpty()) {
                parts.add(Html.text(plain.toString()));
                plain.setLength(0);
            }
        }
    }
}
