package dev.batchwright.job;

/**
 * One call, as it will be made: the provider that gets it, the endpoint ({@code
 * /v1/chat/completions}), the model that its body names (empty where it names none), and the JSON
 * body, which is passed through untouched.
 *
 * @param provider by its name in this library
 * @param endpoint as in {@code /v1/chat/completions}
 * @param model may be empty
 * @param body goes out byte for byte
 */
public record Request(String provider, String endpoint, String model, RawJson body) {}
