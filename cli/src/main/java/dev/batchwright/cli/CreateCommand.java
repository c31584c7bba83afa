package dev.batchwright.cli;

import dev.batchwright.input.PromptFile;
import dev.batchwright.output.OutputTarget;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "create",
        description = "Make a batch input file from a file of prompts, one a line.")
final class CreateCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "INPUT",
            defaultValue = "-",
            description = "The prompts; - for standard input (the default).")
    String input = "-";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            description = "The batch input file (default: standard output).")
    @Nullable String out;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            required = true,
            description = "The model that is asked.")
    String model = "";

    @Option(
            names = "--system",
            paramLabel = "TEXT",
            description = "Instructions before each prompt.")
    @Nullable String system;

    @Option(
            names = {"-e", "--embeddings"},
            description = "Embeddings of the lines instead of chat completions.")
    boolean embeddings;

    @Option(
            names = "--score",
            paramLabel = "TEXT",
            description = "How well each line matches a text.")
    @Nullable String score;

    @Option(
            names = "--rerank",
            paramLabel = "QUERY",
            description = "How well each line answers a query.")
    @Nullable String rerank;

    @Mixin final GlobalOptions global;

    CreateCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws IOException {
        PromptFile.Kind kind = kind();
        OutputTarget target = Outputs.checked(global.surroundings(), out);
        try (InputStream prompts = prompts()) {
            long count =
                    target.replaceWith(
                            global.terminal().out(), stream -> write(prompts, stream, kind));
            global.terminal().say("%,d request%s for %s.", count, count == 1 ? "" : "s", model);
        }
        return ExitCode.OK.code;
    }

    private long write(InputStream prompts, OutputStream stream, PromptFile.Kind kind)
            throws IOException {
        var buffered = new BufferedOutputStream(stream, 1 << 16);
        long count = PromptFile.toBatchLines(prompts, input, buffered, model, kind);
        buffered.flush();
        return count;
    }

    private InputStream prompts() throws IOException {
        if (input.equals("-")) {
            return global.terminal().in();
        }
        Path file = RunOptions.path(global.surroundings(), "INPUT", input);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw CommandFailure.usage(
                    "%s is not a file that can be read. Name a file with one prompt a line, or -"
                            + " for standard input.",
                    input);
        }
        return Files.newInputStream(file);
    }

    private PromptFile.Kind kind() {
        int kinds = (embeddings ? 1 : 0) + (score == null ? 0 : 1) + (rerank == null ? 0 : 1);
        if (kinds > 1) {
            throw CommandFailure.usage("--embeddings, --score and --rerank exclude each other.");
        }
        if (kinds == 1 && system != null) {
            throw CommandFailure.usage("--system is for chat completions only.");
        }
        if (embeddings) {
            return new PromptFile.Kind.Embedding();
        }
        if (score != null) {
            return new PromptFile.Kind.Score(score);
        }
        if (rerank != null) {
            return new PromptFile.Kind.Rerank(rerank);
        }
        return new PromptFile.Kind.Chat(Optional.ofNullable(system));
    }
}
