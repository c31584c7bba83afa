package dev.batchwright.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class Utf8Test {
    @Test
    void agrees_with_the_decoder_of_the_platform() {
        var random = new Random(5);
        // Bytes at the edges of what may follow what.
        int[] edges = {
            0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
            0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF
        };
        int valid = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[2 + random.nextInt(14)];
            for (int i = 0; i < bytes.length; i++) {
                boolean plain = random.nextInt(3) > 0;
                bytes[i] = plain ? (byte) 'a' : (byte) edges[random.nextInt(edges.length)];
            }
            int length = bytes.length - 1;
            int expected = firstMalformed(bytes, length);
            valid += expected < 0 ? 1 : 0;
            assertThat(Utf8.firstInvalid(bytes, 1, length)).isEqualTo(expected);
        }
        assertThat(valid).isBetween(1000, 199_000);
    }

    private static int firstMalformed(byte[] bytes, int length) {
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, length).slice();
        CoderResult result =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .decode(in, CharBuffer.allocate(64), true);
        return result.isError() ? in.position() : -1;
    }
}
