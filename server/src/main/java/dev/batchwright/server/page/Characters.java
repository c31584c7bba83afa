package dev.batchwright.server.page;

import java.util.HexFormat;

/**
 * How text is written into markup. Beside what markup needs escaped, characters that can't be seen
 * or that reorder what stands around them are shown by their names: a reply must not look like
 * something else than it is. Letters of all scripts, joiners and emoji stay as they are.
 */
final class Characters {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Characters() {}

    static void escape(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&#34;");
                case '\'' -> out.append("&#39;");
                case '\n', '\t' -> out.append(c);
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        out.append(c);
                    } else {
                        i += other(text, i, out);
                    }
                }
            }
        }
    }

    // Returns how many more characters were taken.
    private static int other(String text, int at, StringBuilder out) {
        char c = text.charAt(at);
        boolean beforeNewline = at + 1 < text.length() && text.charAt(at + 1) == '\n';
        if (c == '\r' && beforeNewline) {
            return 0;
        }
        if (c < ' ') {
            out.append((char) ('\u2400' + c));
            return 0;
        }
        int codePoint = text.codePointAt(at);
        if (Character.isSurrogate((char) codePoint) && codePoint < 0x10000) {
            out.append('\ufffd');
        } else if (isHidden(codePoint)) {
            out.append("\u27e8U+").append(name(codePoint)).append('\u27e9');
        } else {
            out.appendCodePoint(codePoint);
        }
        return Character.charCount(codePoint) - 1;
    }

    private static String name(int codePoint) {
        return HEX.toHexDigits(codePoint, codePoint < 0x10000 ? 4 : 5);
    }

    private static boolean isHidden(int c) {
        return (c >= 0x7f && c <= 0x9f) // DEL and the second set of controls
                || c == 0x61c
                || c == 0x200b
                || c == 0x200e
                || c == 0x200f
                || (c >= 0x2028 && c <= 0x202e) // separators, embeddings and overrides
                || (c >= 0x2060 && c <= 0x206f) // invisible operators, isolates
                || c == 0xfeff
                || (c >= 0xfff9 && c <= 0xfffb)
                || (c >= 0xe0000 && c <= 0xe007f); // tags: text that nobody sees
    }
}
