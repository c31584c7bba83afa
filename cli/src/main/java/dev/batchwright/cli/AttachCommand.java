package dev.batchwright.cli;

import dev.batchwright.engine.Adoption;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.Provider;
import dev.batchwright.provider.Providers;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.openai.OpenAiApi;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.workbench.Workbench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

@Command(
        name = "attach",
        description = {
            "Adopt a batch that something else created: wait for it, and write its results.",
            "With --job it is given to a batch of that job which is in quarantine, and the job",
            "goes on."
        })
final class AttachCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "BATCH_ID", description = "The provider's id for it.")
    String batchId = "";

    @Option(
            names = {"-p", "--provider"},
            paramLabel = "PROVIDER",
            description = "Who has it (default: each provider is asked whose key is set).")
    @Nullable String provider;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            description = "Where results go, one line each (default: standard output).")
    @Nullable String out;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "Failures go here rather than among the results.")
    @Nullable String errors;

    @Option(
            names = "--poll-interval",
            paramLabel = "DUR",
            converter = Durations.class,
            description = "How often to look at it (default: adapts itself).")
    @Nullable Duration pollInterval;

    @Option(
            names = "--job",
            paramLabel = "JOB",
            description = "A job of ours that misses it (see `batchwright status JOB`).")
    @Nullable String job;

    @Option(
            names = "--shard",
            paramLabel = "N",
            description = "Which batch of that job it is, where several are in quarantine.")
    @Nullable Long shard;

    @Mixin final GlobalOptions global;

    AttachCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        check();
        try (var workbench = global.workbench()) {
            return job == null ? adopt(workbench).code : giveToJob(workbench, job).code;
        }
    }

    private void check() {
        RunOptions.notZero("--poll-interval", pollInterval);
        if (shard != null && job == null) {
            throw CommandFailure.usage(
                    "--shard %d: it says which batch of a job is meant. Name the job with --job,"
                            + " or leave it out.",
                    shard);
        }
    }

    private ExitCode adopt(Workbench workbench) throws InterruptedException {
        var terminal = global.terminal();
        Outputs outputs = Outputs.check(global.surroundings(), out, errors, false);
        Provider owner = owner(workbench);
        var adoption =
                new Adoption(
                        owner.batch().orElseThrow(),
                        owner.name(),
                        batchId,
                        workbench.scratch(),
                        Optional.ofNullable(pollInterval),
                        ThreadLocalRandom.current());
        try {
            RemoteBatch batch =
                    adoption.awaitEnd(word -> terminal.say("Batch %s: %s", batchId, word));
            Outputs.Written written =
                    outputs.write(terminal.out(), sink -> adoption.read(batch, sink));
            Optional<String> problem = Adoption.problem(batch);
            terminal.say(
                    "Batch %s of %s: %,d succeeded, %,d failed%s%s.",
                    batchId,
                    owner.name(),
                    written.succeeded(),
                    written.failed(),
                    adoption.unreadable() == 0
                            ? ""
                            : ", %,d lines can't be read".formatted(adoption.unreadable()),
                    problem.map("; %s"::formatted).orElse(""));
            boolean complete = problem.isEmpty() && written.failed() + adoption.unreadable() == 0;
            return complete ? ExitCode.OK : ExitCode.SOME_FAILED;
        } catch (Adoption.LostBatchException e) {
            throw new CommandFailure(ExitCode.BLOCKED, Failure.text(e));
        }
    }

    /** Who has the batch: as the user says, or whoever of those whose key is set knows it. */
    private Provider owner(Workbench workbench) throws InterruptedException {
        var asked = new ArrayList<String>();
        for (String name : candidates(workbench)) {
            Optional<Provider> found = workbench.provider(name, Optional.empty());
            if (found.flatMap(Provider::batch).isEmpty()) {
                continue;
            }
            asked.add(name);
            if (provider != null
                    || found.get().batch().orElseThrow().poll(batchId)
                            instanceof BatchAnswer.Given<RemoteBatch>) {
                return found.get();
            }
        }
        if (provider != null) {
            throw CommandFailure.usage(
                    "%s",
                    switch (workbench.providers().find(provider, Optional.empty())) {
                        case Providers.Lookup.Found found -> provider + " has no batch API.";
                        case Providers.Lookup.Refused(String problem) -> problem;
                    });
        }
        throw CommandFailure.usage(
                asked.isEmpty()
                        ? "No key of a provider with a batch API is set, so nobody can be asked for"
                                + " batch %s. Set one, and name the provider with -p."
                        : "None of the providers whose key is set (%2$s) knows the batch %1$s."
                                + " Check the id, or name the provider with -p.",
                batchId,
                String.join(", ", asked));
    }

    private List<String> candidates(Workbench workbench) {
        if (provider != null) {
            return List.of(provider);
        }
        var names = new TreeSet<>(Providers.builtIn());
        names.addAll(workbench.configuration().providers().keySet());
        names.removeIf(workbench::isOwnServer);
        // Servers on this machine that need no key know of no batch of somebody else's.
        names.removeIf(name -> OpenAiApi.named(name).filter(api -> !api.needsKey()).isPresent());
        return List.copyOf(names);
    }

    private static boolean isMissing(BatchState state) {
        return state instanceof BatchState.Quarantined || state instanceof BatchState.Creating;
    }

    private void mustExist(Workbench workbench, Job job, StoredBatch held)
            throws InterruptedException {
        String name = held.batch().provider();
        BatchAnswer<RemoteBatch> answer =
                workbench.provider(job.spec(), name).batch().orElseThrow().poll(batchId);
        if (!(answer instanceof BatchAnswer.Given<RemoteBatch>)) {
            throw CommandFailure.usage(
                    "%s does not show a batch %s to this key, so it was not taken in. Check the id,"
                            + " or try again when %s answers.",
                    name, batchId, name);
        }
    }

    private ExitCode giveToJob(Workbench workbench, String typed) throws InterruptedException {
        if (out != null || errors != null || provider != null) {
            throw CommandFailure.usage(
                    "--job takes the batch into a job, which knows its provider and keeps the"
                            + " results: leave -p, -o and --errors out, and fetch them later with"
                            + " `batchwright results %s`.",
                    typed);
        }
        var argument = new JobArgument();
        argument.typed = typed;
        JobStore store = workbench.store();
        JobId id = argument.find(store).id();
        List<StoredBatch> held =
                store.batches(id).stream()
                        .filter(batch -> !batch.settled())
                        .filter(batch -> isMissing(batch.batch().state()))
                        .filter(batch -> shard == null || batch.shard() == shard)
                        .toList();
        if (held.size() != 1) {
            throw CommandFailure.usage(
                    held.isEmpty()
                            ? "No batch of job %s is in quarantine%s; `batchwright status %1$s`"
                                    + " shows what there is."
                            : "Several batches of job %s are in quarantine. Say with --shard N"
                                    + " which one this is; `batchwright status %1$s` shows them.",
                    id,
                    shard == null ? "" : " as shard " + shard);
        }
        mustExist(workbench, store.find(id).orElseThrow(), held.getFirst());
        store.attachBatch(id, held.getFirst().shard(), batchId);
        store.addEvent(id, "attached", batchId);
        var display = new Display(global.terminal(), false);
        Job now = store.find(id).orElseThrow();
        workbench.checkReachable(now.spec());
        var phases = new Phases();
        try (var conductor = new Conductor(workbench, display)) {
            Job ended = conductor.takeToItsEnd(now);
            phases.end("run");
            return new Ending(display).tell(ended, store.progress(id), phases);
        }
    }
}
