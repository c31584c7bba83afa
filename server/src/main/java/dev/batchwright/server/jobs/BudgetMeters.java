package dev.batchwright.server.jobs;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.store.Account;
import dev.batchwright.store.Accounts;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;

import java.util.List;
import java.util.function.Function;

/**
 * How the keys that have a budget stand, for the metrics; settles what dead workers had set aside
 * of it, so that nobody waits for money that nobody will give back.
 */
public final class BudgetMeters implements Lookout.Viewer {
    private final Accounts accounts;
    private final MultiGauge caps;
    private final MultiGauge spent;
    private final MultiGauge reserved;

    public BudgetMeters(Accounts accounts, MeterRegistry meters) {
        this.accounts = accounts;
        this.caps = gauge(meters, "batchwright.budget.usd", "What may be spent with a key.");
        this.spent =
                gauge(meters, "batchwright.budget.spent.usd", "What is spent of a key's budget.");
        this.reserved =
                gauge(
                        meters,
                        "batchwright.budget.reserved.usd",
                        "What is set aside of a key's budget for what is under way.");
    }

    private static MultiGauge gauge(MeterRegistry meters, String name, String what) {
        return MultiGauge.builder(name).description(what).register(meters);
    }

    @Override
    public void see(List<Job> jobs) {
        List<Account> all = accounts.all();
        if (!all.isEmpty()) {
            accounts.settleDead();
        }
        show(caps, all, account -> account.cap().amount());
        show(spent, all, Account::spent);
        show(reserved, all, Account::reserved);
    }

    private static void show(
            MultiGauge gauge, List<Account> accounts, Function<Account, Cost> amount) {
        gauge.register(
                accounts.stream()
                        .map(
                                account ->
                                        MultiGauge.Row.of(
                                                Tags.of("key", account.owner()),
                                                amount.apply(account).usd().doubleValue()))
                        .toList(),
                true);
    }
}
