package dev.batchwright.simulator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

class RawObjectTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " { } ",
                "{\"a\":1}",
                "{\"custom_id\":\"x\",\"method\":\"POST\",\"body\":{\"model\":\"m\",\"n\":[1,{}]}}",
                "{ \"a\" : \"}\" , \"b\":[ \"]\", {\"c\":\"\\\"\\\\\"} ] ,\"d\" : true"
                        + "\t,\"e\":-1.5e3}",
                "{\"a\\u0062\":null,\"\":\"ß漢😀\",\"n\":\"\\\\\"}",
                "{\"twice\":1,\"once\":2,\"twice\":{\"last\":\"counts\"}}",
                "\uFEFF{\"a\":{\"b\":{\"c\":{}}}}\r"
            })
    void taking_a_valid_object_apart_finds_what_reading_it_finds(String json) {
        byte[] bytes = ("before" + json + "behind").getBytes(StandardCharsets.UTF_8);
        int length = bytes.length - "before".length() - "behind".length();

        RawObject read = RawObject.read(bytes, 6, length).orElseThrow();

        assertThat(texts(RawObject.ofValid(bytes, 6, length)))
                .containsExactlyEntriesOf(texts(read));
    }

    private static Map<String, String> texts(RawObject object) {
        return object.members().entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                member -> new String(member.getValue(), StandardCharsets.UTF_8),
                                (one, other) -> other,
                                java.util.LinkedHashMap::new));
    }
}
