package dev.batchwright.provider;

/**
 * A file of results, or what stands for one.
 *
 * @param reference what the provider's adapter needs to download it, in one word that can be
 *     stored: {@code output:file-7Qd}
 */
public record ResultFile(String reference) {}
