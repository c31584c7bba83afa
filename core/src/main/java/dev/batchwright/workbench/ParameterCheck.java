package dev.batchwright.workbench;

import dev.batchwright.input.RequestCheck;
import dev.batchwright.job.Request;
import dev.batchwright.provider.openai.ModelConstraints;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Warns of parameters that a model is known not to take, before they are paid for. For one thread.
 */
final class ParameterCheck implements RequestCheck {
    private final JsonFactory json = new JsonFactory();
    private final Map<Target, ModelConstraints> known = new HashMap<>();

    /** Whose models are known by their names; elsewhere the same name may take other things. */
    private static final Set<String> PROVIDERS = Set.of("openai", "azure");

    private record Target(String model, String endpoint) {}

    @Override
    public List<String> warnings(Request request) {
        if (!PROVIDERS.contains(request.provider())) {
            return List.of();
        }
        ModelConstraints constraints =
                known.computeIfAbsent(
                        new Target(request.model(), request.endpoint()),
                        target -> ModelConstraints.of(target.model(), target.endpoint()));
        return constraints.isEmpty() ? List.of() : read(request, constraints);
    }

    private List<String> read(Request request, ModelConstraints constraints) {
        var warnings = new ArrayList<String>();
        try (JsonParser body =
                json.createParser(ObjectReadContext.empty(), request.body().toByteArray())) {
            body.nextToken();
            while (body.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = body.currentName();
                body.nextToken();
                constraints.warning(field, body.getString()).ifPresent(warnings::add);
                body.skipChildren();
            }
        }
        return warnings;
    }
}
