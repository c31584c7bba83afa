package dev.batchwright.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The command line: every command, and what the shell is told. */
@Command(
        name = "batchwright",
        description = {
            "LLM requests in bulk, at the lowest price, with nothing lost and nothing paid",
            "twice."
        },
        footer = {
            "",
            "Try it without a key:",
            "  batchwright run examples/tickets.csv --prompt 'Classify: {{text}}' -p echo",
            "",
            "Exit codes:",
            "    0   all items succeeded",
            "    1   some items failed",
            "    2   usage or input error; nothing was sent",
            "    3   job blocked or failed as a whole: key, quota, provider down",
            "    4   cancelled",
            "    5   deadline or budget reached with items left",
            "  130   interrupted; the same command again goes on"
        },
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class)
final class Main implements Runnable {
    private static final int HELP_WIDTH = 80;

    @Mixin final GlobalOptions global;

    @CommandLine.Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and leave.")
    boolean version;

    @Spec CommandSpec spec = CommandSpec.create();

    private Main(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    public static void main(String[] args) {
        Locale.setDefault(Locale.ENGLISH); // Our texts are English, so are the numbers in them.
        int code = run(Surroundings.ofProcess(), args);
        if (code != ExitCode.INTERRUPTED.code) { // The signal that interrupted us ends the process.
            System.exit(code);
        }
    }

    /** Does what a command line says; returns what the shell is told. */
    static int run(Surroundings surroundings, String... args) {
        return commandLine(surroundings).execute(args);
    }

    private static CommandLine commandLine(Surroundings surroundings) {
        var commandLine = new CommandLine(new Main(surroundings));
        for (Object command : commands(surroundings)) {
            commandLine.addSubcommand(command);
        }
        var terminal = surroundings.terminal();
        commandLine.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        commandLine.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        commandLine.setExpandAtFiles(false); // A prompt may begin with an @.
        commandLine.setUnmatchedOptionsArePositionalParams(false);
        commandLine.setExecutionStrategy(parsed -> execute(parsed, terminal));
        commandLine.setParameterExceptionHandler(new UsageErrors(terminal));
        commandLine.setExecutionExceptionHandler(new Failures(terminal));
        commandLine.setUsageHelpWidth(HELP_WIDTH);
        commandLine.setUsageHelpLongOptionsMaxWidth(HELP_WIDTH / 2);
        layOut(commandLine);
        commandLine.getSubcommands().values().forEach(Main::layOut);
        return commandLine;
    }

    private static void layOut(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .abbreviateSynopsis(true)
                .sortOptions(false)
                .parameterListHeading("%n")
                .optionListHeading("%n")
                .commandListHeading("%nCommands:%n");
    }

    /** A command is done when what it printed has arrived. */
    private static int execute(ParseResult parsed, Terminal terminal) {
        int code = new CommandLine.RunLast().execute(parsed);
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        try {
            terminal.flush();
        } catch (CommandFailure e) {
            throw new CommandLine.ExecutionException(last.commandSpec().commandLine(), "", e);
        }
        return code;
    }

    private static List<Object> commands(Surroundings surroundings) {
        return List.of(
                new RunCommand(surroundings),
                new JobsCommand(surroundings),
                new StatusCommand(surroundings),
                new WatchCommand(surroundings),
                new ResultsCommand(surroundings),
                new RetryCommand(surroundings),
                new AttachCommand(surroundings),
                new CancelCommand(surroundings),
                new DeleteCommand(surroundings),
                new CreateCommand(surroundings),
                new PromptsCommand(surroundings),
                new ServeCommand(surroundings),
                new SimulateCommand(surroundings),
                new CompletionCommand(surroundings),
                new WorkCommand(surroundings));
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The option may stand before the command or after it. */
    private static boolean isDebug(ParseResult parsed) {
        return parsed.hasMatchedOption("--debug")
                || (parsed.hasSubcommand() && isDebug(parsed.subcommand()));
    }

    /** The one place where an error becomes a paragraph and an exit code. */
    private record Failures(Terminal terminal) implements IExecutionExceptionHandler {
        @Override
        public int handleExecutionException(
                Exception e, CommandLine command, ParseResult parseResult) {
            if (isDebug(parseResult)) {
                e.printStackTrace(terminal.err());
            }
            if (terminal.readerLeft()) {
                return ExitCode.READER_LEFT.code;
            }
            Failure failure = Failure.of(e);
            terminal.say(
                    "%s: %s",
                    command.getCommandSpec().qualifiedName(), Failure.sentence(failure.message()));
            return failure.exitCode().code;
        }
    }
}
