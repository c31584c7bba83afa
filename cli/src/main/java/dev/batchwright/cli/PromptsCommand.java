package dev.batchwright.cli;

import dev.batchwright.input.ExamplePrompts;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

@Command(name = "prompts", description = "Print example prompts, one a line, to try things with.")
final class PromptsCommand implements Callable<Integer> {
    @Option(
            names = "-n",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many (default: ${DEFAULT-VALUE}).")
    int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Another seed, other prompts (default: ${DEFAULT-VALUE}).")
    long seed;

    @Mixin final GlobalOptions global;

    PromptsCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        if (count < 1) {
            throw CommandFailure.usage("-n %d: at least 1 is needed.", count);
        }
        var terminal = global.terminal();
        ExamplePrompts.of(count, seed).forEach(terminal::print);
        return ExitCode.OK.code;
    }
}
