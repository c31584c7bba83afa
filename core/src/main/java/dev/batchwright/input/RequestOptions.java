package dev.batchwright.input;

import java.util.Optional;

/**
 * What the user said about how requests are made from the input and where they go.
 *
 * @param provider the one provider that gets them all
 * @param baseUrl the server that gets them all
 * @param model of rows, in place of a column {@code model}; of requests that name none. A request
 *     that names its own model keeps it
 * @param endpoint of rows and bare bodies; batch lines name their own
 * @param prompt how a row becomes a prompt; empty: its column {@code prompt}
 * @param system instructions that precede the prompt of a row
 * @param idColumn the column that names a row; empty: {@code custom_id}
 * @param schema that answers to rows must keep to
 */
public record RequestOptions(
        Optional<String> provider,
        Optional<String> baseUrl,
        Optional<String> model,
        Optional<Endpoint> endpoint,
        Optional<Template> prompt,
        Optional<Template> system,
        Optional<String> idColumn,
        Optional<ResponseSchema> schema) {
    public static final RequestOptions NONE =
            new RequestOptions(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    public RequestOptions {
        Endpoint target = endpoint.orElse(Endpoint.CHAT);
        boolean generates =
                target == Endpoint.CHAT
                        || target == Endpoint.RESPONSES
                        || target == Endpoint.MESSAGES
                        || target == Endpoint.GENERATE_CONTENT;
        if (!generates && system.isPresent()) {
            throw new InputException(unfit("--system", target));
        }
        if (!generates && schema.isPresent()) {
            throw new InputException(unfit("--schema", target));
        }
        if (model.filter(String::isBlank).isPresent()) {
            throw new InputException("-m names no model. Name one, or leave -m out.");
        }
        if (idColumn.filter(String::isEmpty).isPresent()) {
            throw new InputException("--id-column names no column. Name one, or leave it out.");
        }
    }

    private static String unfit(String option, Endpoint endpoint) {
        return "%s does not go with %s: it is for /v1/chat/completions, /v1/responses and /v1/messages. Leave it out, or change --endpoint."
                .formatted(option, endpoint.path());
    }

    public RequestOptions withModel(String name) {
        return new RequestOptions(
                provider, baseUrl, Optional.of(name), endpoint, prompt, system, idColumn, schema);
    }

    public RequestOptions withEndpoint(Endpoint value) {
        return new RequestOptions(
                provider, baseUrl, model, Optional.of(value), prompt, system, idColumn, schema);
    }

    public RequestOptions withPrompt(String template) {
        return new RequestOptions(
                provider,
                baseUrl,
                model,
                endpoint,
                Optional.of(Template.parse("--prompt", template)),
                system,
                idColumn,
                schema);
    }

    public RequestOptions withSystem(String template) {
        return new RequestOptions(
                provider,
                baseUrl,
                model,
                endpoint,
                prompt,
                Optional.of(Template.parse("--system", template)),
                idColumn,
                schema);
    }

    public RequestOptions withIdColumn(String column) {
        return new RequestOptions(
                provider, baseUrl, model, endpoint, prompt, system, Optional.of(column), schema);
    }

    public RequestOptions withSchema(ResponseSchema value) {
        return new RequestOptions(
                provider, baseUrl, model, endpoint, prompt, system, idColumn, Optional.of(value));
    }

    public RequestOptions withProvider(String name) {
        return new RequestOptions(
                Optional.of(name), baseUrl, model, endpoint, prompt, system, idColumn, schema);
    }

    public RequestOptions withBaseUrl(String url) {
        return new RequestOptions(
                provider, Optional.of(url), model, endpoint, prompt, system, idColumn, schema);
    }
}
