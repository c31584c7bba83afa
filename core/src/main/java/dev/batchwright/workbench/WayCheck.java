package dev.batchwright.workbench;

import dev.batchwright.input.RequestCheck;
import dev.batchwright.job.Request;
import dev.batchwright.provider.Provider;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is wrong or doubtful with a request on the way that the command chose: parameters that its
 * model is known not to take, and what its provider can't be asked. For one thread.
 */
final class WayCheck implements RequestCheck {
    private final RequestCheck parameters;
    private final Function<String, Optional<Provider>> open;
    private final Map<String, Optional<Provider>> providers = new HashMap<>();

    /**
     * @param open gives a provider by its name; empty where it can't be opened, which is reported
     *     elsewhere
     */
    WayCheck(RequestCheck parameters, Function<String, Optional<Provider>> open) {
        this.parameters = parameters;
        this.open = open;
    }

    @Override
    public List<String> warnings(Request request) {
        return parameters.warnings(request);
    }

    @Override
    public Optional<String> refusal(Request request) {
        return providers
                .computeIfAbsent(request.provider(), open)
                .flatMap(provider -> provider.refusal(request));
    }
}
