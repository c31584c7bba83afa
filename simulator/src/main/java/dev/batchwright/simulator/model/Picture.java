package dev.batchwright.simulator.model;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** A PNG of one grey point, with a comment inside. */
public final class Picture {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final byte[] ONE_GREY_POINT = {0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0};

    private Picture() {}

    public static byte[] png(String comment) {
        var png = new ByteArrayOutputStream();
        png.writeBytes(SIGNATURE);
        chunk(png, "IHDR", ONE_GREY_POINT);
        chunk(png, "iTXt", ("Comment\0\0\0\0\0" + comment).getBytes(StandardCharsets.UTF_8));
        chunk(png, "IDAT", deflated(new byte[] {0, (byte) 0x80}));
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream png, String type, byte[] content) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        var crc = new CRC32();
        crc.update(name);
        crc.update(content);
        png.writeBytes(number(content.length));
        png.writeBytes(name);
        png.writeBytes(content);
        png.writeBytes(number((int) crc.getValue()));
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] deflated(byte[] content) {
        var deflater = new Deflater();
        try {
            deflater.setInput(content);
            deflater.finish();
            var out = new byte[64];
            int length = deflater.deflate(out);
            return Arrays.copyOf(out, length);
        } finally {
            deflater.end();
        }
    }
}
