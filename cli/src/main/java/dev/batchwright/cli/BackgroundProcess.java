package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.workbench.Workbench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that takes a job to its end after this one has returned. It gets this
 * process's environment (the keys are there), no terminal, and a log beside the store. Where there
 * is {@code setsid} it also leaves the terminal's session, so that closing the terminal does not
 * end it; if it dies all the same, the next command goes on.
 */
final class BackgroundProcess {
    private static final long LOOK_MILLIS = 50;

    private BackgroundProcess() {}

    /** Returns when the process is at work, or has done it already. */
    static void start(Workbench workbench, Job job, GlobalOptions global)
            throws IOException, InterruptedException {
        Path log = workbench.scratch().resolve(job.id() + ".log");
        var command = new ArrayList<String>();
        if (new File("/usr/bin/setsid").canExecute()) {
            command.add("/usr/bin/setsid");
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:+UseG1GC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(Main.class.getName(), "work", job.id().value()));
        if (workbench.location() instanceof StoreLocation.Sqlite(Path file)) {
            command.addAll(List.of("--store", file.toString()));
        }
        // A database URL may hold a password, which the list of processes would show.
        var builder = new ProcessBuilder(command);
        Surroundings around = global.surroundings();
        builder.directory(around.directory().toAbsolutePath().toFile());
        builder.environment().clear();
        builder.environment().putAll(around.variables());
        global.store().ifPresent(store -> builder.environment().put("BATCHWRIGHT_STORE", store));
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        Process process = builder.start();
        while (!isTaken(workbench.store(), job)) {
            if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)
                    && !isTaken(workbench.store(), job)) {
                throw new CommandFailure(
                        ExitCode.BLOCKED,
                        "The background process ended before it began; %s says why. Job %s is kept: run the same command without --detach to go on."
                                .formatted(log, job.id()));
            }
        }
    }

    private static boolean isTaken(JobStore store, Job job) {
        return !store.workers(job.id()).isEmpty()
                || !store.find(job.id()).map(Job::state).equals(Optional.of(job.state()));
    }
}
