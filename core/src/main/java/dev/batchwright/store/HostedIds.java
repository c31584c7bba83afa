package dev.batchwright.store;

import java.util.random.RandomGenerator;

/** Makes ids that nobody can guess, in the form of the API that shows them. */
final class HostedIds {
    private static final String ALPHABET =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int LENGTH = 24;

    private HostedIds() {}

    static String file(RandomGenerator random) {
        return random("file-", random);
    }

    static String batch(HostedBatch.Form form, RandomGenerator random) {
        return switch (form) {
            case OPENAI -> random("batch_", random);
            case MESSAGES -> random("msgbatch_", random);
        };
    }

    private static String random(String prefix, RandomGenerator random) {
        var id = new StringBuilder(prefix);
        for (int i = 0; i < LENGTH; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return id.toString();
    }
}
