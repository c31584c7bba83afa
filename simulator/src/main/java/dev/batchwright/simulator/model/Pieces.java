package dev.batchwright.simulator.model;

import java.util.ArrayList;
import java.util.List;

/** A text in pieces, as a stream delivers it. */
public final class Pieces {
    private static final int LEAST = 16;
    private static final int MOST_PIECES = 64;

    private Pieces() {}

    /** At most 64 pieces of at least 16 characters each (but the last); none splits a character. */
    public static List<String> of(String text) {
        int length = Math.max(LEAST, (text.length() + MOST_PIECES - 1) / MOST_PIECES);
        var pieces = new ArrayList<String>();
        int start = 0;
        while (start < text.length()) {
            int end = Math.min(text.length(), start + length);
            if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
                end++;
            }
            pieces.add(text.substring(start, end));
            start = end;
        }
        return pieces;
    }
}
