package dev.batchwright.job;

import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * Names a job, everywhere and for ever: {@code job_} and twelve letters and digits.
 *
 * @param value the whole id, {@code job_} included
 */
public record JobId(String value) implements Comparable<JobId> {
    private static final String PREFIX = "job_";
    private static final int LENGTH = 12;
    // No vowels and nothing that looks like something else: ids are read aloud and typed.
    private static final String ALPHABET = "23456789bcdfghjkmnpqrstvwxz";

    /**
     * Checks the form.
     *
     * @throws IllegalArgumentException if it has another
     */
    public JobId {
        if (!value.matches("job_[a-z0-9]{1,60}")) {
            throw new IllegalArgumentException(
                    "`%s` is not a job id: it starts with `job_`, as `batchwright jobs` shows it"
                            .formatted(value));
        }
    }

    /**
     * {@return a new id}
     *
     * @param random as good as the id is to be unique
     */
    public static JobId random(RandomGenerator random) {
        var id = new StringBuilder(PREFIX);
        for (int i = 0; i < LENGTH; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return new JobId(id.toString());
    }

    /**
     * Reads an id that a user typed: upper case and a missing prefix are forgiven.
     *
     * @param typed what was typed
     * @return the id; whether there is such a job is not asked
     * @throws IllegalArgumentException if it can't be one
     */
    public static JobId parse(String typed) {
        String id = typed.strip().toLowerCase(Locale.ROOT);
        return new JobId(id.startsWith(PREFIX) ? id : PREFIX + id);
    }

    @Override
    public int compareTo(JobId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
