package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class SegmentScannerTest {
    private final ByteArrayOutputStream segment = new ByteArrayOutputStream();

    private void line(String json) {
        var line = new JsonLine(4).json(RawJson.of(json)).seal();
        segment.write(line.bytes(), 0, line.length());
    }

    private List<String> read(long from, long to, int window) throws IOException {
        byte[] bytes = segment.toByteArray();
        var reader =
                new Segments.Reader() {
                    @Override
                    public int read(long position, byte[] into, int offset, int length) {
                        int count = Math.clamp(bytes.length - position, 0, length);
                        System.arraycopy(bytes, (int) position, into, offset, count);
                        return count;
                    }

                    @Override
                    public void close() {}
                };
        var lines = new ArrayList<String>();
        try (var scanner = new SegmentScanner(reader, from, to, window)) {
            while (scanner.next()) {
                assertThat(bytes[(int) scanner.offset() + scanner.length() - 1])
                        .isEqualTo((byte) '\n');
                lines.add(
                        scanner.valid()
                                ? new String(scanner.json(), StandardCharsets.UTF_8)
                                : "damaged");
            }
        }
        return lines;
    }

    @Test
    void a_line_is_its_json_a_tab_and_its_crc32c() {
        line("{\"a\":1}");
        assertThat(segment.toString(StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}\tcff7d56a\n");
    }

    @Test
    void reads_lines_of_any_length_through_any_window() throws IOException {
        var random = new Random(5);
        var expected = new ArrayList<String>();
        for (int i = 0; i < 500; i++) {
            expected.add("\"" + "é".repeat(random.nextInt(200)) + i + "\"");
            line(expected.getLast());
        }
        for (int window : List.of(1, 13, 64, 1000, 1 << 20)) {
            assertThat(read(0, Long.MAX_VALUE, window)).isEqualTo(expected);
        }
    }

    @Test
    void begins_and_ends_where_it_is_told() throws IOException {
        line("1111");
        long start = segment.size();
        line("2222");
        line("3333");
        long end = segment.size();
        line("4444");
        assertThat(read(start, end, 16)).containsExactly("2222", "3333");
    }

    @Test
    void stops_before_a_torn_line_and_knows_a_damaged_one() throws IOException {
        line("1111");
        line("2222");
        segment.writeBytes("3\n\n33\t0000000\n\t00000000\n".getBytes(StandardCharsets.UTF_8));
        line("4444");
        segment.writeBytes("5555\tabc".getBytes(StandardCharsets.UTF_8));
        assertThat(read(0, Long.MAX_VALUE, 16))
                .containsExactly(
                        "1111", "2222", "damaged", "damaged", "damaged", "damaged", "4444");
    }

    @Test
    void every_flipped_bit_is_seen() throws IOException {
        line("{\"seq\":1,\"kind\":\"ok\"}");
        byte[] good = segment.toByteArray();
        for (int bit = 0; bit < (good.length - 1) * 8; bit++) {
            byte[] flipped = Arrays.copyOf(good, good.length);
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            segment.reset();
            segment.writeBytes(flipped);
            assertThat(read(0, Long.MAX_VALUE, 64))
                    .as("bit " + bit)
                    .doesNotContain("{\"seq\":1,\"kind\":\"ok\"}");
        }
    }
}
