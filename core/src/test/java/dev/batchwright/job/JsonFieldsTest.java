package dev.batchwright.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class JsonFieldsTest {
    private static final JsonFields FIELDS =
            JsonFields.of(
                    RawJson.of(" { \"a\" : 1.50 , \"é\":[ 1, {\"b\":2} ],\"c\":\"x\\u0041\" } "));

    @Test
    void values_stay_as_they_are() {
        assertThat(FIELDS.json())
                .hasToString("{\"a\":1.50,\"é\":[ 1, {\"b\":2} ],\"c\":\"x\\u0041\"}");
    }

    @Test
    void one_is_exchanged_in_its_place() {
        assertThat(FIELDS.with("a", RawJson.of("true")).without("é").with("d", RawJson.NULL).json())
                .hasToString("{\"a\":true,\"c\":\"x\\u0041\",\"d\":null}");
        assertThat(FIELDS.find("a")).contains(RawJson.of("1.50"));
    }

    @Test
    void an_object_in_a_field_is_read_in_turn() {
        JsonFields nested = JsonFields.of(RawJson.of("{\"o\":{\"x\":1},\"n\":null}"));

        assertThat(nested.object("o").find("x")).contains(RawJson.of("1"));
        assertThat(nested.object("n")).isEqualTo(JsonFields.NONE);
        assertThat(nested.object("absent")).isEqualTo(JsonFields.NONE);
    }

    @Test
    void an_object_may_be_empty() {
        assertThat(JsonFields.of(RawJson.of("{}"))).isEqualTo(JsonFields.NONE).hasToString("{}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{", "{\"a\":}", "{} {}", "{\"a\":1,\"a\":2}", "{a:1}"})
    void anything_else_is_refused(String json) {
        assertThatThrownBy(() -> JsonFields.of(RawJson.of(json)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_text_becomes_a_string_of_json() {
        assertThat(RawJson.quoted("a\"b\\c\n\r\t\u0001é😀/"))
                .hasToString("\"a\\\"b\\\\c\\n\\r\\t\\u0001é😀/\"");
        assertThatThrownBy(() -> RawJson.quoted("ab\ud83d"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("half a character at place 2");
        assertThatThrownBy(() -> RawJson.quoted("\ude00a"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void values_become_an_array() {
        assertThat(RawJson.array(List.of())).hasToString("[]");
        assertThat(RawJson.array(List.of(RawJson.of("1"), RawJson.of("{}")))).hasToString("[1,{}]");
    }
}
