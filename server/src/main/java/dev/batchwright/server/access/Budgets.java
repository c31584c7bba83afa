package dev.batchwright.server.access;

import dev.batchwright.config.ServeConfig;
import dev.batchwright.store.Accounts;

/** What may be spent with each key: the store keeps it, over all processes. */
public final class Budgets {
    private final Accounts accounts;

    public Budgets(Accounts accounts) {
        this.accounts = accounts;
    }

    /** From now on the budgets of these keys count; what was spent stays spent. */
    public void change(ServeConfig config) {
        config.keys().forEach(key -> accounts.cap(key.name(), key.budget()));
    }
}
