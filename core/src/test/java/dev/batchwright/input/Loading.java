package dev.batchwright.input;

import dev.batchwright.job.Item;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes an input file, loads it, and keeps what came of it. */
record Loading(LoadReport report, List<Item> items) {
    /** Knows a few models; names without one of them go nowhere. */
    static final Router ROUTER =
            model -> {
                if (model.isEmpty()) {
                    return new Router.Resolution.Refused(
                            "it names no model. Add `model`, or give one with -m.");
                }
                if (model.startsWith("openai/")) {
                    return new Router.Resolution.Routed("openai", model.substring(7));
                }
                if (model.startsWith("claude-")) {
                    return new Router.Resolution.Routed("anthropic", model);
                }
                return model.startsWith("unknown")
                        ? new Router.Resolution.Refused(
                                "model `%s` belongs to no known provider. Name one with -p."
                                        .formatted(model))
                        : new Router.Resolution.Routed("echo", model);
            };

    static Loading of(Path directory, String fileName, String content, RequestOptions options) {
        return of(directory, fileName, content.getBytes(StandardCharsets.UTF_8), options);
    }

    static Loading of(Path directory, String fileName, byte[] content, RequestOptions options) {
        try {
            Path file = directory.resolve(fileName);
            Files.write(file, content);
            return of(file, options);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Loading of(Path file, RequestOptions options) {
        var items = new ArrayList<Item>();
        try (var source = InputSource.of(file)) {
            var loader =
                    new InputLoader(
                            source, options, ROUTER, RequestCheck.NONE, file.resolveSibling(""));
            return new Loading(loader.load(items::add), items);
        }
    }

    String body(int index) {
        return items.get(index).request().body().toString();
    }

    String endpoint(int index) {
        return items.get(index).request().endpoint();
    }

    List<String> ids() {
        return items.stream().map(Item::customId).toList();
    }
}
