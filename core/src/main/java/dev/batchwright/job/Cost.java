package dev.batchwright.job;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of money, in whole pico-dollars (10<sup>-12</sup> USD): the cheapest listed token costs
 * 2,800 of them, and a long holds nine million dollars.
 *
 * @param picoUsd in pico-dollars; may be below zero, as what is left of a cap that was passed
 */
public record Cost(long picoUsd) implements Comparable<Cost> {
    private static final long DOLLAR = 1_000_000_000_000L;

    /** Nothing. */
    public static final Cost ZERO = new Cost(0);

    /**
     * {@return the cost of an amount in US dollars, rounded to pico-dollars}
     *
     * @param usd at most nine million
     * @throws ArithmeticException if it is more
     */
    public static Cost ofUsd(BigDecimal usd) {
        return new Cost(usd.movePointRight(12).setScale(0, RoundingMode.HALF_UP).longValueExact());
    }

    /**
     * {@return the sum of both}
     *
     * @param other what is added
     */
    public Cost plus(Cost other) {
        return new Cost(Math.addExact(picoUsd, other.picoUsd));
    }

    /**
     * {@return what is left}
     *
     * @param other what is taken away
     */
    public Cost minus(Cost other) {
        return new Cost(Math.subtractExact(picoUsd, other.picoUsd));
    }

    /** {@return the amount in US dollars, with twelve places} */
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
