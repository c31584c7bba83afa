package dev.batchwright.provider;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Optional;

class ModelRulesTest {
    final ModelRules rules = new ModelRules(Providers.builtIn());

    @ParameterizedTest
    @CsvSource({
        "gpt-5-mini, openai",
        "gpt-4o-mini-2024-07-18, openai",
        "gpt-5.6-sol, openai",
        "chatgpt-4o-latest, openai",
        "o1, openai",
        "o3-mini, openai",
        "o4-mini-2025-04-16, openai",
        "text-embedding-3-small, openai",
        "text-embedding-ada-002, openai",
        "omni-moderation-latest, openai",
        "dall-e-3, openai",
        "gpt-image-1, openai",
        "ft:gpt-4o-mini-2024-07-18:acme::abc, openai",
        "mistral-large-latest, mistral",
        "ministral-8b-2512, mistral",
        "codestral-2508, mistral",
        "magistral-small-latest, mistral",
        "pixtral-large-latest, mistral",
        "devstral-2512, mistral",
        "grok-4.3, xai",
        "grok-code-fast-1, xai",
        "deepseek-chat, deepseek",
        "deepseek-reasoner, deepseek",
        "claude-opus-5, anthropic",
        "claude-haiku-4-5-20251001, anthropic",
        "gemini-2.5-flash, gemini",
        "gemini-3.7-flash, gemini",
        "gemini-embedding-001, gemini",
        "echo, echo",
        "echo-small, echo",
    })
    void a_name_that_is_certain_finds_its_provider(String model, String provider) {
        assertThat(rules.route(model, Optional.empty())).isEqualTo(new Route.To(provider, model));
    }

    @ParameterizedTest
    @CsvSource({
        "groq/openai/gpt-oss-120b, groq, openai/gpt-oss-120b",
        "openrouter/anthropic/claude-opus-5, openrouter, anthropic/claude-opus-5",
        "anthropic/claude-opus-5, anthropic, claude-opus-5",
        "openai/gpt-5-mini, openai, gpt-5-mini",
        "gemini/gemini-2.5-pro, gemini, gemini-2.5-pro",
        "google/gemini-2.5-pro, gemini, gemini-2.5-pro",
        "models/gemini-2.5-pro, gemini, gemini-2.5-pro",
        "openrouter/google/gemini-2.5-pro, openrouter, google/gemini-2.5-pro",
        "vllm/meta-llama/Llama-3.3-70B, vllm, meta-llama/Llama-3.3-70B",
        "fireworks/accounts/fireworks/models/kimi-k3, fireworks, accounts/fireworks/models/kimi-k3",
    })
    void a_provider_before_the_model_is_taken_off(String written, String provider, String model) {
        assertThat(rules.route(written, Optional.empty())).isEqualTo(new Route.To(provider, model));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt-oss-120b",
                "google/gemma-3-27b-it",
                "openai/gpt-oss-120b",
                "gpt-j-6b",
                "gpt-neox-20b",
                "mistral-7b-instruct",
                "mistral-small-3.2-24b-instruct",
                "mistralai/Devstral-2-123B",
                "deepseek-v3.2",
                "deepseek-r1-distill-llama-70b",
                "llama-3.3-70b-versatile",
                "o5-something",
                "o3-finetuned-by-me",
                "my-model",
                "Gpt-5",
            })
    void a_name_that_is_not_certain_lists_the_choices(String model) {
        assertThat(rules.route(model, Optional.empty()))
                .isInstanceOfSatisfying(
                        Route.Unknown.class,
                        unknown ->
                                assertThat(unknown.problem())
                                        .contains("`" + model + "`")
                                        .contains("-p")
                                        .contains("gemini, groq, mistral, ollama, openai"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai/gpt-5", "anything at all", "claude-opus-5", ""})
    void the_users_choice_leaves_the_model_as_it_is(String model) {
        assertThat(rules.route(model, Optional.of("openrouter")))
                .isEqualTo(new Route.To("openrouter", model));
    }

    @Test
    void a_choice_that_does_not_exist_lists_those_that_do() {
        assertThat(rules.route("gpt-5", Optional.of("open-ai")))
                .isInstanceOfSatisfying(
                        Route.Unknown.class,
                        unknown ->
                                assertThat(unknown.problem())
                                        .contains("no provider `open-ai`")
                                        .contains("openai, openrouter"));
    }

    @Test
    void no_model_and_no_choice_is_told() {
        assertThat(rules.route("", Optional.empty())).isInstanceOf(Route.Unknown.class);
    }
}
