package dev.batchwright.simulator.model;

import dev.batchwright.simulator.wire.RequestHash;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.SplittableRandom;

/** Numbers that follow from a text alone: equal texts give equal numbers, others give others. */
public final class Vectors {
    private Vectors() {}

    /** A vector of length 1. */
    public static float[] embedding(String text, int dimensions) {
        var random = new SplittableRandom(RequestHash.of(text).id());
        var raw = new double[dimensions];
        double squares = 0;
        for (int i = 0; i < dimensions; i++) {
            raw[i] = random.nextDouble(-1, 1);
            squares += raw[i] * raw[i];
        }
        double length = Math.sqrt(squares);
        var vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (raw[i] / length);
        }
        return vector;
    }

    /** Little-endian 32 bit floats, as base64. */
    public static String base64(float[] vector) {
        ByteBuffer bytes =
                ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : vector) {
            bytes.putFloat(value);
        }
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** A number from 0 to 1 that tells how well {@code text} answers {@code query}, by chance. */
    public static double score(String query, String text) {
        return (RequestHash.of(query + "\n" + text).id() >>> 11) * 0x1p-53;
    }
}
