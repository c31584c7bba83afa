package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Endpoint;

/** What a batch is for. */
enum BatchKind {
    GENERATE(
            "batchGenerateContent",
            "BatchGenerateContentRequest",
            "GenerateContentBatch",
            "GenerateContentRequest"),
    EMBED(
            "asyncBatchEmbedContent",
            "AsyncBatchEmbedContentRequest",
            "EmbedContentBatch",
            "EmbedContentRequest");

    private static final String PACKAGE =
            "type.googleapis.com/google.ai.generativelanguage.v1main.";

    private final String method;
    private final String call;
    private final String batch;
    private final String request;

    BatchKind(String method, String call, String batch, String request) {
        this.method = method;
        this.call = call;
        this.batch = batch;
        this.request = request;
    }

    /** The method that creates such a batch. */
    String method() {
        return method;
    }

    /** The message that the method takes. */
    String call() {
        return call;
    }

    /** The message of one request. */
    String request() {
        return request;
    }

    /** The full name of the type of the batch itself. */
    String type() {
        return PACKAGE + batch;
    }

    /** The full name of the type of its results. */
    String outputType() {
        return PACKAGE + batch + "Output";
    }

    /** What executes its requests. */
    Endpoint endpoint(String model, Catalog catalog) {
        String path = "/v1beta/models/" + model;
        return switch (this) {
            case GENERATE ->
                    new RowCall(
                            path + ":generateContent",
                            request,
                            (message, arrival, hash) ->
                                    GenerateRequest.read(
                                            model,
                                            message,
                                            hash,
                                            catalog,
                                            GenerateRequest.Delivery.WHOLE));
            case EMBED ->
                    new RowCall(
                            path + ":embedContent",
                            request,
                            (message, arrival, hash) -> EmbedRequest.one(model, message, catalog));
        };
    }
}
