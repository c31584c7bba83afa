package dev.batchwright.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.StringJoiner;

class JsonScanTest {
    private static final byte[] MARKS =
            "{}[]\",:\\ntfu0123456789.eE+- \n\tabc".getBytes(StandardCharsets.UTF_8);

    final Random random = new Random(42);

    @Test
    void agrees_with_jackson_on_what_is_json_however_it_is_damaged() {
        for (int i = 0; i < 20_000; i++) {
            byte[] text = value(0).getBytes(StandardCharsets.UTF_8);
            for (int damages = random.nextInt(3); damages > 0 && text.length > 0; damages--) {
                text = damaged(text);
            }
            assertThat(isJson(text))
                    .as(new String(text, StandardCharsets.UTF_8))
                    .isEqualTo(Answer.parse(text).isPresent());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'\"error\"', true",
        "'\"err\\u006fr\"', true",
        "'\"errors\"', false",
        "'\"terror\"', false",
        "'\"\"', false",
        "null, false",
        "'{\"error\":\"error\"}', false",
    })
    void tells_a_text_from_all_others(String json, boolean same) {
        byte[] bytes = ("[" + json + ",1]").getBytes(StandardCharsets.UTF_8);
        var scan = new JsonScan(bytes, 0, bytes.length);
        assertThat(scan.beginArray() && scan.nextElement()).isTrue();

        assertThat(scan.textIs("error")).isEqualTo(same);
        assertThat(scan.nextElement()).isTrue();
    }

    private static boolean isJson(byte[] text) {
        try {
            var scan = new JsonScan(text, 0, text.length);
            scan.skip();
            scan.end();
            return true;
        } catch (JsonScan.NotJson broken) {
            return false;
        }
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 4 ? 6 : 8)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextBoolean());
            case 2 -> String.valueOf(random.nextInt());
            case 3 -> String.valueOf(random.nextDouble() * Math.pow(10, random.nextInt(40) - 20));
            case 4 -> "\"é漢\\n\\u00e9" + "x".repeat(random.nextInt(30)) + "\"";
            case 5 -> "\"\\\\ {[,: \\\"\"";
            case 6 -> {
                var list = new StringJoiner(" , ", "[", "]");
                for (int i = random.nextInt(4); i > 0; i--) {
                    list.add(value(depth + 1));
                }
                yield list.toString();
            }
            default -> {
                var object = new StringJoiner(",", "{", "}");
                for (int i = random.nextInt(4); i > 0; i--) {
                    object.add("\"k" + i + "\" :" + value(depth + 1));
                }
                yield object.toString();
            }
        };
    }

    // A byte changed, or left out with all that follows, or put in.
    private byte[] damaged(byte[] text) {
        int at = random.nextInt(text.length);
        byte mark = MARKS[random.nextInt(MARKS.length)];
        return switch (random.nextInt(3)) {
            case 0 -> {
                byte[] changed = text.clone();
                changed[at] = mark;
                yield changed;
            }
            case 1 -> Arrays.copyOf(text, at);
            default -> {
                byte[] longer = Arrays.copyOf(text, text.length + 1);
                System.arraycopy(text, at, longer, at + 1, text.length - at);
                longer[at] = mark;
                yield longer;
            }
        };
    }
}
