package dev.batchwright.cli;

import dev.batchwright.config.Suggestion;

import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Says in our words what picocli found wrong with a command line. */
record UsageErrors(Terminal terminal) implements IParameterExceptionHandler {
    private static final Pattern INVALID =
            Pattern.compile("^Invalid value for option '(-[\\w-]+)'[^:]*: ", Pattern.DOTALL);
    private static final Pattern NO_NUMBER = Pattern.compile("'(.*)' is not an? (int|long)$");
    private static final Pattern NO_PAIR =
            Pattern.compile("^Value for option option '(-[\\w-]+)'.* but was (.*)$");

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        terminal.say(
                "%s: %s Run `%s --help` for what it takes.",
                name, Failure.sentence(message(e)), name);
        return ExitCode.USAGE.code;
    }

    private static String message(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        return switch (e) {
            case UnmatchedArgumentException unmatched ->
                    unknown(unmatched.getUnmatched().getFirst(), command);
            case MissingParameterException missing when !missing.getMissing().isEmpty() ->
                    missing(missing.getMissing().getFirst());
            default -> inOurWords(Failure.text(e));
        };
    }

    private static String unknown(String argument, CommandSpec command) {
        boolean takesArguments = !command.positionalParameters().isEmpty();
        if (takesArguments && !argument.startsWith("-")) {
            return "`%s` is one argument too many; put what holds blanks in quotes"
                    .formatted(argument);
        }
        var choices = new ArrayList<>(command.subcommands().keySet());
        for (OptionSpec option : command.options()) {
            choices.addAll(List.of(option.names()));
        }
        Optional<String> meant = Suggestion.forWord(argument, choices);
        return "`%s` is not known here".formatted(argument)
                + meant.map("; did you mean `%s`?"::formatted).orElse("");
    }

    private static String missing(ArgSpec argument) {
        if (argument instanceof OptionSpec option) {
            return option.required()
                    ? "`%s %s` is missing".formatted(option.shortestName(), option.paramLabel())
                    : "`%s` needs a value: %s".formatted(option.longestName(), option.paramLabel());
        }
        return switch (argument.paramLabel()) {
            case "JOB" -> "No job is named: its id, as `batchwright jobs` shows it, or `last`";
            case "BATCH_ID" -> "No batch is named: its id, as its provider shows it";
            default -> "No input is named: a file, or - for standard input";
        };
    }

    private static String inOurWords(String text) {
        String said = INVALID.matcher(text).replaceFirst("$1: ");
        said = NO_NUMBER.matcher(said).replaceFirst("`$1` is not a whole number");
        return NO_PAIR.matcher(said).replaceFirst("$1: `$2` has no `=`; write it as KEY=VALUE");
    }
}
