package dev.batchwright.price;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;
import dev.batchwright.price.ModelPrice.Rates;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * List prices by provider and model, from the file {@code prices.csv} in this package, which names
 * its sources, under whatever the user's configuration says. Immutable to the outside; thread-safe.
 *
 * <p>A model is found by its name as the provider knows it, without {@code provider/} before it,
 * and a dated snapshot ({@code gpt-5-mini-2025-08-07}) by the name without its date. A price that
 * is not known is empty, never zero.
 */
public final class PriceTable {
    private static final String FILE = "prices.csv";
    private static final Pattern DATE = Pattern.compile("-(\\d{4}-\\d{2}-\\d{2}|\\d{8})$");
    private static final Pattern PATH = Pattern.compile("^accounts/[^/]+/models/");

    private record Key(String provider, String model) {}

    private final Map<Key, ModelPrice> prices;
    // Names as jobs write them: a job has few models, but asks for each of its items.
    private final Map<Key, Optional<ModelPrice>> found = new ConcurrentHashMap<>();

    private PriceTable(Map<Key, ModelPrice> prices) {
        this.prices = Map.copyOf(prices);
    }

    /** The built-in list. */
    public static PriceTable builtIn() {
        try (InputStream in = PriceTable.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing in the jar");
            }
            return new PriceTable(
                    read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This list under another one, by provider and model. */
    public PriceTable with(Map<String, Map<String, ModelPrice>> overrides) {
        var merged = new HashMap<>(prices);
        overrides.forEach(
                (provider, models) ->
                        models.forEach(
                                (model, price) -> merged.put(new Key(provider, model), price)));
        return new PriceTable(merged);
    }

    /** The providers of which prices are known, by name. */
    public List<String> providers() {
        return prices.keySet().stream().map(Key::provider).distinct().sorted().toList();
    }

    /** The models of a provider whose prices are known, by name. */
    public List<String> models(String provider) {
        return prices.keySet().stream()
                .filter(key -> key.provider().equals(provider))
                .map(Key::model)
                .sorted()
                .toList();
    }

    /** What a call costs that is made now. */
    public Optional<Cost> live(String provider, String model, Usage usage) {
        return find(provider, model)
                .flatMap(price -> price.forInput(usage.inputTokens()))
                .map(price -> price.live().of(usage));
    }

    /** What it costs in the provider's batch API. */
    public Optional<Cost> batch(String provider, String model, Usage usage) {
        return find(provider, model)
                .flatMap(price -> price.forInput(usage.inputTokens()))
                .flatMap(ModelPrice::batch)
                .map(rates -> rates.of(usage));
    }

    /**
     * What calls made now would have cost more than a batch did.
     *
     * @param cost of the batch
     */
    public Optional<Cost> saved(String provider, String model, Usage usage, Cost cost) {
        return live(provider, model, usage).map(live -> live.minus(cost));
    }

    public Optional<ModelPrice> find(String provider, String model) {
        return found.computeIfAbsent(new Key(provider, model), this::lookUp);
    }

    private Optional<ModelPrice> lookUp(Key key) {
        String model = key.model();
        if (model.startsWith(key.provider() + "/") && !prices.containsKey(key)) {
            model = model.substring(key.provider().length() + 1);
        }
        String name = PATH.matcher(model).replaceFirst("");
        String undated = DATE.matcher(name).replaceFirst("");
        return Optional.ofNullable(prices.get(new Key(key.provider(), name)))
                .or(() -> Optional.ofNullable(prices.get(new Key(key.provider(), undated))));
    }

    private static Map<Key, ModelPrice> read(BufferedReader lines) throws IOException {
        var prices = new HashMap<Key, ModelPrice>();
        boolean header = true;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("#")) {
                continue;
            }
            if (header) {
                header = false;
                continue;
            }
            String[] fields = line.split(",", -1);
            var key = new Key(fields[0], fields[1]);
            ModelPrice price = price(fields);
            ModelPrice base = prices.get(key);
            prices.put(key, base == null ? price : tiered(base, fields[2], price));
        }
        return prices;
    }

    private static ModelPrice tiered(ModelPrice base, String over, ModelPrice beyond) {
        return new ModelPrice(
                base.live(),
                base.batch(),
                OptionalLong.of(Long.parseLong(over)),
                Optional.of(beyond));
    }

    private static ModelPrice price(String[] fields) {
        Optional<Rates> batch =
                fields[7].isEmpty()
                        ? Optional.empty()
                        : Optional.of(rates(fields[7], fields[8], fields[9]));
        return new ModelPrice(
                rates(fields[4], fields[5], fields[6]),
                batch,
                fields[3].isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(Long.parseLong(fields[3])),
                Optional.empty());
    }

    private static Rates rates(String input, String cached, String output) {
        return Rates.ofUsdPerMillion(
                new BigDecimal(input),
                new BigDecimal(cached.isEmpty() ? input : cached),
                new BigDecimal(output));
    }
}
