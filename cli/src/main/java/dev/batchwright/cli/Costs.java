package dev.batchwright.cli;

import dev.batchwright.job.Cost;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of dollars as people type it: {@code 20}, {@code 0.50}, {@code $20}, {@code 20 USD}.
 */
final class Costs implements ITypeConverter<Cost> {
    private static final Pattern AMOUNT =
            Pattern.compile("\\$?(\\d{1,7}(?:\\.\\d{1,6})?)(?:\\s*(?:USD|usd|\\$))?");

    @Override
    public Cost convert(String text) {
        Matcher amount = AMOUNT.matcher(text.strip());
        if (!amount.matches()) {
            throw new TypeConversionException(
                    "`%s` is not an amount of US dollars. Write it like 20, 0.50 or \"20 USD\""
                            .formatted(text));
        }
        return Cost.ofUsd(new BigDecimal(amount.group(1)));
    }
}
