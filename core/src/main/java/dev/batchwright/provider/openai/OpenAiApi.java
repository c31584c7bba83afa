package dev.batchwright.provider.openai;

import java.util.List;
import java.util.Optional;

/**
 * One member of the OpenAI family: what tells it from the others, as data. The facts are of the
 * wire sheet for OpenAI and compatible providers.
 *
 * @param baseUrl where it is; empty where only the user can know
 * @param barePath what its own SDK adds to a base URL without a path
 * @param keyVariables where its key is looked for, in this order
 * @param baseUrlVariable what its own SDK reads the base URL from
 * @param requestsByTheMinute whether its request limit headers count by the minute
 * @param forbidden what a 403 without a code is about
 * @param batches what it takes in batches
 */
public record OpenAiApi(
        String name,
        Optional<String> baseUrl,
        String barePath,
        List<String> keyVariables,
        Optional<String> baseUrlVariable,
        KeyHeader keyHeader,
        boolean needsKey,
        boolean requestsByTheMinute,
        Forbidden forbidden,
        BatchTerms batches) {

    public enum KeyHeader {
        BEARER,
        API_KEY
    }

    /** Whether a 403 stops the job (country, permission) or judges one item (moderation). */
    public enum Forbidden {
        THE_ACCOUNT,
        THE_ITEM
    }

    /** A server that copies OpenAI's API and that we know nothing else about. */
    public static final OpenAiApi COMPATIBLE = local("compatible", Optional.empty());

    public static final List<OpenAiApi> ALL =
            List.of(
                    hosted("openai", "https://api.openai.com/v1", "OPENAI_API_KEY")
                            .baseUrlFrom("OPENAI_BASE_URL")
                            .batches(BatchTerms.OPENAI),
                    azure(),
                    hosted("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY")
                            .baseUrlFrom("GROQ_BASE_URL")
                            .barePath("/openai/v1")
                            .requestsByTheDay()
                            .batches(BatchTerms.GROQ),
                    hosted("together", "https://api.together.ai/v1", "TOGETHER_API_KEY")
                            .baseUrlFrom("TOGETHER_BASE_URL")
                            .batches(new BatchTerms.Own()),
                    hosted(
                                    "fireworks",
                                    "https://api.fireworks.ai/inference/v1",
                                    "FIREWORKS_API_KEY")
                            .barePath("/inference/v1")
                            .batches(new BatchTerms.Own()),
                    hosted("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY")
                            .barePath("/v1")
                            .batches(new BatchTerms.Own()),
                    hosted("xai", "https://api.x.ai/v1", "XAI_API_KEY")
                            .batches(new BatchTerms.Own()),
                    hosted("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY")
                            .batches(new BatchTerms.None("deepseek has no batch API")),
                    hosted("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY")
                            .forbiddenIsTheItem()
                            .batches(
                                    new BatchTerms.None(
                                            "the batches of openrouter are a beta that gives no"
                                                + " results of a batch that fails, expires or is"
                                                + " cancelled")),
                    hosted("doubleword", "https://api.doubleword.ai/v1", "DOUBLEWORD_API_KEY")
                            .batches(BatchTerms.DOUBLEWORD),
                    hosted("parasail", "https://api.parasail.io/v1", "PARASAIL_API_KEY")
                            .batches(BatchTerms.PARASAIL),
                    local("vllm", Optional.of("http://localhost:8000/v1"))
                            .keyFrom("VLLM_API_KEY")
                            .batches(
                                    new BatchTerms.None(
                                            "a vllm server has no batch API, only the program `vllm"
                                                    + " run-batch`")),
                    local("ollama", Optional.of("http://localhost:11434/v1"))
                            .batches(new BatchTerms.None("ollama has no batch API")),
                    COMPATIBLE);

    public OpenAiApi {
        keyVariables = List.copyOf(keyVariables);
    }

    public static Optional<OpenAiApi> named(String name) {
        return ALL.stream().filter(api -> api.name().equals(name)).findFirst();
    }

    /** A server under a name that the user gave it in the configuration. */
    public static OpenAiApi custom(String name) {
        return local(name, Optional.empty());
    }

    private static OpenAiApi hosted(String name, String baseUrl, String keyVariable) {
        return new OpenAiApi(
                name,
                Optional.of(baseUrl),
                "",
                List.of(keyVariable),
                Optional.empty(),
                KeyHeader.BEARER,
                true,
                true,
                Forbidden.THE_ACCOUNT,
                BatchTerms.UNKNOWN_SERVER);
    }

    private static OpenAiApi local(String name, Optional<String> baseUrl) {
        return new OpenAiApi(
                name,
                baseUrl,
                "",
                List.of(),
                Optional.empty(),
                KeyHeader.BEARER,
                false,
                true,
                Forbidden.THE_ACCOUNT,
                BatchTerms.UNKNOWN_SERVER);
    }

    private static OpenAiApi azure() {
        return new OpenAiApi(
                "azure",
                Optional.empty(),
                "/openai/v1",
                List.of("AZURE_OPENAI_API_KEY"),
                Optional.of("AZURE_OPENAI_ENDPOINT"),
                KeyHeader.API_KEY,
                true,
                true,
                Forbidden.THE_ACCOUNT,
                BatchTerms.AZURE);
    }

    private OpenAiApi baseUrlFrom(String variable) {
        return new OpenAiApi(
                name,
                baseUrl,
                barePath,
                keyVariables,
                Optional.of(variable),
                keyHeader,
                needsKey,
                requestsByTheMinute,
                forbidden,
                batches);
    }

    private OpenAiApi barePath(String path) {
        return new OpenAiApi(
                name,
                baseUrl,
                path,
                keyVariables,
                baseUrlVariable,
                keyHeader,
                needsKey,
                requestsByTheMinute,
                forbidden,
                batches);
    }

    private OpenAiApi keyFrom(String variable) {
        return new OpenAiApi(
                name,
                baseUrl,
                barePath,
                List.of(variable),
                baseUrlVariable,
                keyHeader,
                needsKey,
                requestsByTheMinute,
                forbidden,
                batches);
    }

    private OpenAiApi requestsByTheDay() {
        return new OpenAiApi(
                name,
                baseUrl,
                barePath,
                keyVariables,
                baseUrlVariable,
                keyHeader,
                needsKey,
                false,
                forbidden,
                batches);
    }

    private OpenAiApi forbiddenIsTheItem() {
        return new OpenAiApi(
                name,
                baseUrl,
                barePath,
                keyVariables,
                baseUrlVariable,
                keyHeader,
                needsKey,
                requestsByTheMinute,
                Forbidden.THE_ITEM,
                batches);
    }

    private OpenAiApi batches(BatchTerms terms) {
        return new OpenAiApi(
                name,
                baseUrl,
                barePath,
                keyVariables,
                baseUrlVariable,
                keyHeader,
                needsKey,
                requestsByTheMinute,
                forbidden,
                terms);
    }
}
