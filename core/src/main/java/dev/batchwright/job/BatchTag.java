package dev.batchwright.job;

import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Names one attempt to create a batch at a provider, before it is made: it travels in the batch's
 * metadata or display name, in the name of its input file, and in front of every id on the wire. So
 * a batch is found again after a crash, and a line of somebody else's can't match by accident.
 *
 * <p>An id on the wire is the tag and the item's place in the input: letters and digits alone, 35
 * at most, which every provider accepts.
 *
 * @param value {@code bw} and 14 letters and digits
 */
public record BatchTag(String value) {
    private static final String PREFIX = "bw";
    private static final int NONCE = 14;
    private static final int LENGTH = PREFIX.length() + NONCE;
    private static final int MOST_DIGITS = 18;
    private static final String ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

    /**
     * Checks the form.
     *
     * @throws IllegalArgumentException if it has another
     */
    public BatchTag {
        if (!value.matches("bw[0-9a-z]{14}")) {
            throw new IllegalArgumentException("`%s` is not a batch tag".formatted(value));
        }
    }

    /**
     * {@return a new tag}
     *
     * @param random as good as the tag is to be unique
     */
    public static BatchTag random(RandomGenerator random) {
        var tag = new StringBuilder(LENGTH).append(PREFIX);
        for (int i = 0; i < NONCE; i++) {
            tag.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new BatchTag(tag.toString());
    }

    /**
     * {@return what an item is called on the wire}
     *
     * @param seq its place in the input
     */
    public String wireId(long seq) {
        return value + seq;
    }

    /**
     * Finds the item that this batch calls so.
     *
     * @param wireId what came back
     * @return its place in the input; empty if it is no id of this batch
     */
    public OptionalLong seq(String wireId) {
        int digits = wireId.length() - LENGTH;
        if (digits < 1 || digits > MOST_DIGITS || !wireId.startsWith(value)) {
            return OptionalLong.empty();
        }
        long seq = 0;
        for (int i = LENGTH; i < wireId.length(); i++) {
            int digit = wireId.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return OptionalLong.empty();
            }
            seq = 10 * seq + digit;
        }
        return wireId.charAt(LENGTH) == '0' ? OptionalLong.empty() : OptionalLong.of(seq);
    }

    @Override
    public String toString() {
        return value;
    }
}
