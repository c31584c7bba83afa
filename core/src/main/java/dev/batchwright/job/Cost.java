package dev.batchwright.job;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of money, in whole pico-dollars (10<sup>-12</sup> USD): the cheapest listed token costs
 * 2,800 of them, and a long holds nine million dollars.
 */
public record Cost(long picoUsd) implements Comparable<Cost> {
    private static final long DOLLAR = 1_000_000_000_000L;
    public static final Cost ZERO = new Cost(0);

    public static Cost ofUsd(BigDecimal usd) {
        return new Cost(usd.movePointRight(12).setScale(0, RoundingMode.HALF_UP).longValueExact());
    }

    public Cost plus(Cost other) {
        return new Cost(Math.addExact(picoUsd, other.picoUsd));
    }

    public Cost minus(Cost other) {
        return new Cost(Math.subtractExact(picoUsd, other.picoUsd));
    }

    public BigDecimal usd() {
        return BigDecimal.valueOf(picoUsd, 12);
    }

    @Override
    public int compareTo(Cost other) {
        return Long.compare(picoUsd, other.picoUsd);
    }

    /** For people: {@code $0.0012} where it is small, {@code $12.34} where it is not. */
    @Override
    public String toString() {
        long size = Math.abs(picoUsd);
        int digits = size == 0 || size >= DOLLAR ? 2 : size >= DOLLAR / 1000 ? 4 : 8;
        return "$" + usd().setScale(digits, RoundingMode.HALF_UP).toPlainString();
    }
}
