package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.SpendingCap;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The rows of owners that may not spend without end. */
final class StoredAccounts implements Accounts {
    private final Database database;
    private final Presence presence;
    private final InstantSource clock;
    private final Function<JobId, Takeover> takeovers;

    private record Holder(String worker, JobId job) {}

    StoredAccounts(
            Database database,
            Presence presence,
            InstantSource clock,
            Function<JobId, Takeover> takeovers) {
        this.database = database;
        this.presence = presence;
        this.clock = clock;
        this.takeovers = takeovers;
    }

    @Override
    public void cap(String owner, Optional<SpendingCap> cap) {
        if (cap.isEmpty()) {
            database.write(
                    connection ->
                            Sql.update(
                                    connection,
                                    "update account set cap = null where owner = ?",
                                    owner));
            return;
        }
        SpendingCap.Period per = cap.get().per();
        long start = per.start(clock.instant()).toEpochMilli();
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                """
                                insert into account (owner, cap, per, since, spent)
                                values (?, ?, ?, ?, 0)
                                on conflict (owner) do update
                                   set cap = excluded.cap,
                                       since = case when account.per = excluded.per
                                                    then account.since else excluded.since end,
                                       spent = case when account.per = excluded.per
                                                    then account.spent else 0 end,
                                       per = excluded.per
                                """,
                                owner,
                                cap.get().amount().picoUsd(),
                                per.word(),
                                start));
    }

    @Override
    public Optional<Account> find(String owner) {
        return owner.isEmpty()
                ? Optional.empty()
                : database.read(
                        connection ->
                                Spending.find(connection, owner, clock.instant())
                                        .map(Spending.Known::account));
    }

    @Override
    public List<Account> all() {
        List<String> owners =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select owner from account where cap is not null order by"
                                                + " owner",
                                        row -> row.getString("owner")));
        return owners.stream().flatMap(owner -> find(owner).stream()).toList();
    }

    @Override
    public void settleDead() {
        List<Holder> holders =
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        """
                                        select worker.id, worker.job_id
                                          from worker join job on job.id = worker.job_id
                                          join account on account.owner = job.owner
                                         where worker.held > 0
                                        """,
                                        row ->
                                                new Holder(
                                                        row.getString("id"),
                                                        new JobId(row.getString("job_id")))));
        for (Holder holder : holders) {
            if (!presence.isAlive(holder.worker)) {
                takeovers.apply(holder.job).bury(holder.worker);
            }
        }
    }
}
