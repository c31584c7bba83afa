package dev.batchwright.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

import java.util.concurrent.Callable;

@Command(
        name = "completion",
        description = {
            "Print a completion script for bash and zsh.",
            "Use it with: source <(batchwright completion)"
        })
final class CompletionCommand implements Callable<Integer> {
    @Mixin final GlobalOptions global;
    @Spec CommandSpec spec = CommandSpec.create();

    CompletionCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        global.terminal().print(AutoComplete.bash("batchwright", root));
        return ExitCode.OK.code;
    }
}
