package dev.batchwright.price;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.math.BigDecimal;

class PriceTableTest {
    final PriceTable prices = PriceTable.builtIn();

    static Cost usd(String amount) {
        return Cost.ofUsd(new BigDecimal(amount));
    }

    @ParameterizedTest
    @CsvSource({
        "openai, gpt-5-mini, 1000000, 0, 0, 0.25",
        "openai, gpt-5-mini, 1000000, 1000000, 0, 0.025",
        "openai, gpt-5-mini, 0, 0, 1000000, 2",
        "openai, gpt-5-mini-2025-08-07, 1000, 400, 500, 0.00116",
        "openai, openai/gpt-5-mini, 1000000, 0, 0, 0.25",
        "openai, text-embedding-3-small, 1000000, 0, 0, 0.02",
        "openai, omni-moderation-latest, 1000000, 0, 0, 0",
        "openai, gpt-3.5-turbo-1106, 0, 0, 1000000, 2",
        "anthropic, claude-opus-4-20250514, 1000000, 0, 0, 15",
        "gemini, gemini-2.5-pro, 200000, 0, 0, 0.25",
        "gemini, gemini-2.5-pro, 400000, 0, 0, 1",
        "gemini, gemini-2.5-pro, 400000, 400000, 100000, 1.6",
        "deepseek, deepseek-v4-flash, 1000000, 1000000, 0, 0.0028",
        "groq, openai/gpt-oss-120b, 1000000, 0, 0, 0.15",
        "fireworks, accounts/fireworks/models/kimi-k3, 1000000, 0, 0, 3",
        "doubleword, Qwen/Qwen3-Embedding-8B, 1000000, 0, 0, 0.04",
    })
    void a_call_made_now(
            String provider, String model, long input, long cached, long output, String cost) {
        assertThat(prices.live(provider, model, new Usage(input, cached, output)))
                .hasValue(usd(cost));
    }

    @ParameterizedTest
    @CsvSource({
        "openai, gpt-5-mini, 1000000, 0, 1000000, 1.125",
        "openai, gpt-4.1, 1000000, 1000000, 0, 1",
        "openai, gpt-3.5-turbo-1106, 1000000, 0, 1000000, 3",
        "anthropic, claude-haiku-4-5, 1000000, 0, 1000000, 3",
        "gemini, gemini-2.5-flash, 1000000, 1000000, 0, 0.03",
        "gemini, gemini-2.5-pro, 1000000, 0, 0, 1.25",
        "xai, grok-4.3, 1000000, 0, 1000000, 3",
        "mistral, mistral-large-2512, 1000000, 0, 0, 0.25",
    })
    void a_call_in_a_batch(
            String provider, String model, long input, long cached, long output, String cost) {
        assertThat(prices.batch(provider, model, new Usage(input, cached, output)))
                .hasValue(usd(cost));
    }

    @ParameterizedTest
    @CsvSource({
        "openai, gpt-6",
        "openai, gpt-5-mini-turbo",
        "openai, ft:gpt-4o-mini:acme::x",
        "azure, gpt-5-mini",
        "echo, echo",
        "'', ''",
    })
    void a_price_that_is_not_known_is_not_zero(String provider, String model) {
        assertThat(prices.live(provider, model, new Usage(1, 0, 1))).isEmpty();
    }

    @Test
    void a_price_beyond_what_is_listed_is_not_known() {
        assertThat(prices.live("openai", "gpt-5.5", new Usage(272_000, 0, 0))).isPresent();
        assertThat(prices.live("openai", "gpt-5.5", new Usage(272_001, 0, 0))).isEmpty();
    }

    @Test
    void a_model_without_a_batch_price_has_none() {
        assertThat(prices.batch("openai", "text-embedding-3-small", new Usage(1, 0, 0))).isEmpty();
        assertThat(prices.batch("deepseek", "deepseek-v4-pro", new Usage(1, 0, 0))).isEmpty();
    }

    @Test
    void more_cached_tokens_than_input_count_as_all_of_it() {
        assertThat(prices.live("openai", "gpt-5-mini", new Usage(10, 50, 0)))
                .isEqualTo(prices.live("openai", "gpt-5-mini", new Usage(10, 10, 0)));
    }
}
