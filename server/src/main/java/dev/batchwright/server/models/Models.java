package dev.batchwright.server.models;

import dev.batchwright.provider.Provider;
import dev.batchwright.server.ServingContext;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The models that the backend is known to offer: what it says itself, where it is a server of the
 * user's own; what its prices are known of, elsewhere; and what the configuration has rules for. A
 * model that is not here may be there all the same: the list is for people and menus. Thread-safe.
 */
final class Models {
    private static final Duration FRESH = Duration.ofMinutes(1);

    private final ServingContext context;
    private final ReentrantLock asking = new ReentrantLock();
    private Optional<Known> known = Optional.empty(); // Guarded by `asking`.

    /**
     * A model of the list.
     *
     * @param owner the provider that has it
     */
    record Model(String id, String owner) {}

    private record Known(List<Model> models, long at) {}

    Models(ServingContext context) {
        this.context = context;
    }

    /** All of them, by name; asked for again after a while. */
    List<Model> list() throws InterruptedException {
        // The backend is asked under it: a monitor would hold the carriers of virtual threads.
        asking.lockInterruptibly();
        try {
            long now = System.nanoTime();
            if (known.isEmpty() || now - known.get().at > FRESH.toNanos()) {
                known = Optional.of(new Known(find(), now));
            }
            return known.get().models;
        } finally {
            asking.unlock();
        }
    }

    private List<Model> find() throws InterruptedException {
        Workbench workbench = context.workbench();
        Way way = new Way(workbench, context.options().backend());
        SortedMap<String, Model> models = new TreeMap<>();
        Optional<String> only = context.options().backend().provider();
        boolean ownServer = context.options().backend().baseUrl().isPresent();
        if (ownServer || only.isPresent()) {
            String name = only.orElse(Way.COMPATIBLE);
            for (String model : offered(name, way.provider(name), ownServer)) {
                models.put(model, new Model(model, name));
            }
        } else {
            for (String name : workbench.prices().providers()) {
                if (way.provider(name).isPresent()) {
                    workbench
                            .prices()
                            .models(name)
                            .forEach(model -> models.putIfAbsent(model, new Model(model, name)));
                }
            }
        }
        context.configured().get().modes().keySet().stream()
                .filter(rule -> !rule.endsWith("*"))
                .forEach(
                        model ->
                                models.putIfAbsent(
                                        model, new Model(model, only.orElse("batchwright"))));
        return List.copyOf(models.values());
    }

    private List<String> offered(String name, Optional<Provider> provider, boolean ownServer)
            throws InterruptedException {
        List<String> priced = context.workbench().prices().models(name);
        boolean ask = ownServer || priced.isEmpty();
        List<String> said = ask && provider.isPresent() ? provider.get().models() : List.of();
        return said.isEmpty() ? priced : said;
    }
}
