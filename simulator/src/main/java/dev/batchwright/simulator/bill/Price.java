package dev.batchwright.simulator.bill;

/**
 * What tokens cost; batches cost half.
 *
 * @param input USD for a million tokens read
 * @param output USD for a million tokens written
 */
public record Price(double input, double output) {
    public static final Price NONE = new Price(0, 0);
    private static final double MILLION = 1e6;
    private static final double BATCH_SHARE = 0.5;

    public Price {
        if (!(input >= 0 && output >= 0)) {
            throw new IllegalArgumentException("prices are at least 0");
        }
    }

    public boolean given() {
        return input > 0 || output > 0;
    }

    /** In USD. */
    public double live(long prompt, long completion) {
        return (prompt * input + completion * output) / MILLION;
    }

    /** In USD. */
    public double batch(long prompt, long completion) {
        return BATCH_SHARE * live(prompt, completion);
    }
}
