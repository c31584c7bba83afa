package dev.batchwright.provider;

/**
 * A file of results, or what stands for one.
 *
 * @param reference what the provider's adapter needs to download it, in one word that can be
 *     stored: {@code output:file-7Qd}
 */
public record ResultFile(String reference) {
    private static final char BEHIND = '@';

    /**
     * What is in this file behind so many lines, by now if the batch still runs. Only where the
     * offer says that there are partial results.
     */
    public ResultFile behind(long lines) {
        return new ResultFile(reference + BEHIND + lines);
    }

    /** Whether this is a part of a file, behind some of its lines. */
    public boolean isPart() {
        return reference.indexOf(BEHIND) >= 0;
    }

    /** The reference of the whole file. */
    public String whole() {
        return isPart() ? reference.substring(0, reference.indexOf(BEHIND)) : reference;
    }

    /** How many lines of the whole file are before this part. */
    public long linesBefore() {
        return isPart() ? Long.parseLong(reference.substring(reference.indexOf(BEHIND) + 1)) : 0;
    }
}
