package dev.batchwright.server.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.server.edge.ApiError;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;

class MultipartTest {
    /** A body that arrives in pieces of this size. */
    private static Multipart form(byte[] body, int piece) {
        var in =
                new ByteArrayInputStream(body) {
                    @Override
                    public synchronized int read(byte[] into, int offset, int length) {
                        return super.read(into, offset, Math.min(piece, length));
                    }
                };
        return Multipart.of(Optional.of("Multipart/form-data; boundary=\"a b\""), in);
    }

    private static byte[] lines(String... lines) {
        return bytes(String.join("\r\n", lines));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000, 1 << 20})
    void parts_are_read_as_they_were_written(int piece) throws IOException {
        // Content that begins again and again as the delimiter does.
        var content = new byte[300_000];
        new Random(5).nextBytes(content);
        byte[] almost = bytes("\r\r\n--a \r\n--a\r\n-");
        for (int at = 100; at < content.length - almost.length; at += 977) {
            System.arraycopy(almost, 0, content, at, almost.length);
        }
        var body = new ByteArrayOutputStream();
        body.writeBytes(
                lines(
                        "preamble",
                        "--a b",
                        "Content-Disposition: form-data; name=\"file\"; filename=\"ü \\\"x\\\""
                                + " %22.jsonl\"",
                        "Content-Type: text/plain",
                        "",
                        ""));
        body.writeBytes(content);
        body.writeBytes(
                lines(
                        "",
                        "--a b ",
                        "content-disposition:form-data;name=purpose",
                        "",
                        "batch",
                        "--a b",
                        "content-disposition: form-data; name=\"skipped\"",
                        "",
                        ""));
        body.writeBytes(content);
        body.writeBytes(bytes("\r\n--a b--\r\nepilogue"));
        Multipart form = form(body.toByteArray(), piece);
        assertThat(form.next())
                .contains(new Multipart.Part("file", Optional.of("ü \"x\" \".jsonl")));
        var read = new ByteArrayOutputStream();
        form.content(read::write);
        assertThat(read.toByteArray()).isEqualTo(content);
        assertThat(form.next()).contains(new Multipart.Part("purpose", Optional.empty()));
        assertThat(form.text()).isEqualTo("batch");
        assertThat(form.next()).contains(new Multipart.Part("skipped", Optional.empty()));
        assertThat(form.next()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--a b",
                "--a b\r\n",
                "--a b\r\nx: y\r\n\r\nz\r\n--a b--",
                "--a b\r\ncontent-disposition: form-data\r\n\r\nz\r\n--a b--",
                "--a b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nz",
                "--a bx"
            })
    void what_is_cut_short_or_malformed_is_refused(String body) {
        Multipart form = form(bytes(body), 7);
        assertThatThrownBy(
                        () -> {
                            while (form.next().isPresent()) {
                                form.text();
                            }
                        })
                .isInstanceOf(ApiError.class);
    }

    @Test
    void headers_and_fields_have_bounds() {
        String head = "--a b\r\ncontent-disposition: form-data; name=\"x\"\r\n";
        assertThatThrownBy(() -> form(bytes(head + "y: " + "z".repeat(20_000)), 99).next())
                .isInstanceOf(ApiError.class);
        assertThatThrownBy(
                        () -> {
                            Multipart form =
                                    form(
                                            bytes(
                                                    head
                                                            + "\r\n"
                                                            + "z".repeat(70_000)
                                                            + "\r\n--a b--"),
                                            99);
                            form.next();
                            form.text();
                        })
                .isInstanceOf(ApiError.class);
        assertThatThrownBy(
                        () ->
                                Multipart.of(
                                        Optional.of("application/json"),
                                        new ByteArrayInputStream(new byte[0])))
                .isInstanceOf(ApiError.class);
    }
}
