package dev.batchwright.config;

import dev.batchwright.config.ServeConfig.Secret;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Mode;
import dev.batchwright.job.SpendingCap;
import dev.batchwright.job.SpendingCap.Period;

import java.util.ArrayList;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads the section {@code serve}. */
final class ServeSection {
    private static final int MOST_USD = 1_000_000;
    private static final long MOST_PER_MINUTE = 1_000_000_000_000L;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Set<String> USUAL_SCOPES = Set.of("calls", "batches");

    private final Section section;

    ServeSection(Section section) {
        this.section = section;
    }

    ServeConfig read() {
        var keys = new ArrayList<ServeConfig.Key>();
        section.sections("keys", (name, key) -> key(name, key).ifPresent(keys::add));
        var modes = new TreeMap<String, Mode>();
        section.sections("models", (name, model) -> mode(model).ifPresent(m -> modes.put(name, m)));
        section.end();
        return new ServeConfig(keys, modes);
    }

    private Optional<ServeConfig.Key> key(String name, Section key) {
        if (!NAME.matcher(name).matches()) {
            section.problem(
                    "keys." + name,
                    "must be named with up to 64 letters, digits, dots, dashes and underscores");
        }
        Optional<Secret> secret = secret(key);
        Set<String> scopes = key.words("scopes", ServeConfig.SCOPES).orElse(USUAL_SCOPES);
        var requests = key.wholeNumber("rpm", 1, MOST_PER_MINUTE);
        var tokens = key.wholeNumber("tpm", 1, MOST_PER_MINUTE);
        Optional<SpendingCap> budget = budget(key);
        return secret.map(
                known -> new ServeConfig.Key(name, known, scopes, requests, tokens, budget));
    }

    private static Optional<SpendingCap> budget(Section key) {
        Optional<Cost> amount = key.decimal("budget", 0, MOST_USD).map(Cost::ofUsd);
        Optional<String> word = key.text("budget_per");
        Optional<Period> per = word.flatMap(Period::named);
        if (word.isPresent() && per.isEmpty()) {
            key.problem("budget_per", "must be day, month or total");
        }
        if (word.isPresent() && !key.has("budget")) {
            key.problem("budget_per", "needs a `budget`, in US dollars");
        }
        return amount.map(usd -> new SpendingCap(usd, per.orElse(Period.TOTAL)));
    }

    /** A key that is written down here would be read by whoever reads this file: it is refused. */
    private static Optional<Secret> secret(Section key) {
        Optional<String> variable = key.text("env");
        Optional<String> hash = key.text("sha256");
        for (String name : new String[] {"key", "value", "secret", "token"}) {
            if (key.has(name)) {
                key.problem(
                        name,
                        "must not be written here: name a variable with `env`, or give the key's"
                                + " `sha256`");
            }
        }
        if (variable.isPresent() == hash.isPresent()) {
            key.problem(
                    "env",
                    variable.isPresent()
                            ? "excludes `sha256`; say one of them"
                            : "is missing: the variable that holds the key (or `sha256`, its hash"
                                    + " in hex)");
            return Optional.empty();
        }
        if (variable.isPresent() && !VARIABLE.matcher(variable.get()).matches()) {
            key.problem("env", "must be the name of a variable, not the key");
            return Optional.empty();
        }
        if (hash.isPresent() && !HASH.matcher(hash.get()).matches()) {
            key.problem("sha256", "must be a SHA-256 hash: 64 hex digits");
            return Optional.empty();
        }
        return variable.<Secret>map(Secret.Variable::new)
                .or(() -> hash.map(hex -> new Secret.Sha256(hex.toLowerCase(Locale.ROOT))));
    }

    private static Optional<Mode> mode(Section model) {
        Optional<String> said = model.text("mode");
        Optional<Mode> mode = said.flatMap(Mode::named);
        if (mode.isEmpty()) {
            model.problem("mode", "must be auto, batch or live");
        }
        return mode;
    }
}
