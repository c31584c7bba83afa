package dev.batchwright.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.List;

/** The command line: every command, and what the shell is told. */
@Command(
        name = "batchwright",
        description = {
            "LLM requests in bulk, at the lowest price, with nothing lost and nothing paid twice.",
            ""
        },
        footer = {
            "",
            "Try it without a key:",
            "  batchwright run examples/tickets.csv --prompt 'Classify: {{text}}' -p echo",
            "",
            "Exit codes: 0 all succeeded, 1 some items failed, 2 usage or input error (nothing"
                    + " sent),",
            "3 job blocked or failed as a whole, 4 cancelled, 5 deadline or budget reached,",
            "130 interrupted (run the same command again to go on)."
        },
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        subcommands = {
            RunCommand.class,
            JobsCommand.class,
            StatusCommand.class,
            WatchCommand.class,
            ResultsCommand.class,
            RetryCommand.class,
            CancelCommand.class,
            DeleteCommand.class,
            CreateCommand.class,
            PromptsCommand.class,
            SimulateCommand.class,
            CompletionCommand.class,
            WorkCommand.class
        })
final class Main implements Runnable {
    @Mixin GlobalOptions global = new GlobalOptions();

    @CommandLine.Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and leave.")
    boolean version;

    @Spec CommandSpec spec = CommandSpec.create();

    private Main() {}

    public static void main(String[] args) {
        int code = run(args);
        System.out.flush();
        System.err.flush();
        if (code != ExitCode.INTERRUPTED.code) { // The signal that interrupted us ends the process.
            System.exit(code);
        }
    }

    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        var commandLine = new CommandLine(new Main());
        commandLine.setUsageHelpAutoWidth(true);
        commandLine.setUsageHelpLongOptionsMaxWidth(34);
        commandLine.setExpandAtFiles(false); // A prompt may begin with an @.
        commandLine.setUnmatchedOptionsArePositionalParams(false);
        commandLine.setParameterExceptionHandler(new UsageErrors());
        commandLine.setExecutionExceptionHandler(new Failures());
        return commandLine;
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    private static final class UsageErrors implements IParameterExceptionHandler {
        @Override
        public int handleParseException(ParameterException e, String[] args) {
            CommandLine command = e.getCommandLine();
            String name = command.getCommandSpec().qualifiedName();
            System.err.println(
                    "%s: %s Run `%s --help` for what it takes."
                            .formatted(name, sentence(message(e)), name));
            return ExitCode.USAGE.code;
        }

        private static String message(ParameterException e) {
            if (e instanceof UnmatchedArgumentException unmatched) {
                List<String> suggestions = unmatched.getSuggestions();
                String unknown =
                        "`%s` is not known here".formatted(unmatched.getUnmatched().getFirst());
                return suggestions.isEmpty()
                        ? unknown
                        : "%s; did you mean `%s`?".formatted(unknown, suggestions.getFirst());
            }
            if (e instanceof MissingParameterException && Failure.text(e).contains("INPUT")) {
                return "No input is named: a file, or - for standard input";
            }
            return Failure.text(e);
        }
    }

    /** The option may stand before the command or after it. */
    private static boolean isDebug(ParseResult parsed) {
        return parsed.hasMatchedOption("--debug")
                || (parsed.hasSubcommand() && isDebug(parsed.subcommand()));
    }

    private static String sentence(String text) {
        String trimmed = text.strip();
        return trimmed.endsWith(".") || trimmed.endsWith("?") ? trimmed : trimmed + ".";
    }

    /** The one place where an error becomes a paragraph and an exit code. */
    private static final class Failures implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(
                Exception e, CommandLine command, ParseResult parseResult) {
            if (isDebug(parseResult)) {
                e.printStackTrace();
            }
            String name = command.getCommandSpec().qualifiedName();
            Failure failure = Failure.of(e);
            System.err.println(name + ": " + sentence(failure.message()));
            return failure.exitCode().code;
        }
    }
}
