package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.store.StoreLocation;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that takes a job to its end after this one has returned. It gets this
 * process's environment (the keys are there), no terminal, and a log beside the store. Where there
 * is {@code setsid} it also leaves the terminal's session, so that closing the terminal does not
 * end it; if it dies all the same, the next command goes on.
 */
final class BackgroundProcess {
    private BackgroundProcess() {}

    static void start(Workbench workbench, Job job, GlobalOptions global) throws IOException {
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
        Process unusedHandle = builder.start();
    }
}
