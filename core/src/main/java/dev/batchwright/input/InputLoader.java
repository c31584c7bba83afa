package dev.batchwright.input;

import dev.batchwright.job.Item;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads an input once, from the first byte to the last, and passes its requests on as items, in
 * order. Everything is checked; what is wrong is gathered, and the report says so: an item that was
 * passed on may be sent only if the report is valid.
 *
 * <p>Memory: one line, and some 50 MB for what finds duplicate ids and names equal rows, however
 * long the input is. For one thread.
 */
public final class InputLoader {
    private final InputSource source;
    private final RequestOptions options;
    private final Router router;
    private final RequestCheck check;
    private final Path scratch;

    /**
     * @param scratch a directory for a temporary file, needed from 131,072 requests on
     */
    public InputLoader(
            InputSource source,
            RequestOptions options,
            Router router,
            RequestCheck check,
            Path scratch) {
        this.source = source;
        this.options = options;
        this.router = router;
        this.check = check;
        this.scratch = scratch;
    }

    /**
     * @throws InputException if the input can't be read at all, or not with these options
     */
    public LoadReport load(Consumer<Item> sink) {
        var findings = new Findings(source.name());
        try (InputStream in = source.open();
                var maker = new ItemMaker(router, check, findings, scratch, sink)) {
            var window = new ByteWindow(in);
            List<String> columns = read(window, findings, maker);
            maker.finish();
            source.mustBeUnchanged();
            if (maker.items() == 0 && !findings.problems()) {
                throw new InputException(
                        "%s holds no request%s."
                                .formatted(
                                        source.name(),
                                        columns.isEmpty() ? ": it is empty" : ", only a header"));
            }
            return new LoadReport(
                    maker.items(),
                    findings.firstProblems(),
                    findings.problemCount(),
                    findings.warnings(),
                    columns,
                    maker.targets(),
                    window.position() + window.length());
        } catch (IOException e) {
            throw InputSource.unreadable(source.name(), e);
        }
    }

    private List<String> read(ByteWindow window, Findings findings, ItemMaker maker)
            throws IOException {
        window.more();
        window.skipByteOrderMark();
        Optional<String> refusal =
                InputFormat.refusal(window.bytes, window.start, Math.min(window.length(), 4096));
        if (refusal.isPresent()) {
            throw new InputException(source.name() + " " + refusal.get());
        }
        InputFormat format = format(window);
        return switch (format) {
            case JSON_LINES -> {
                var lines = new JsonLines(options, findings, maker);
                lines.read(new LineReader(window));
                yield lines.columns();
            }
            case CSV, TSV -> {
                var records = new CsvReader(source.name(), window, format.delimiter());
                var table = new Table(source.name(), options, findings, maker, records);
                table.read();
                yield table.columns();
            }
        };
    }

    private InputFormat format(ByteWindow window) {
        return source.formatByName()
                .or(
                        () ->
                                InputFormat.byContent(
                                        window.bytes,
                                        window.start,
                                        Math.min(window.length(), 1 << 16),
                                        options.prompt().isPresent()))
                .orElseThrow(
                        () ->
                                new InputException(
                                        "%s is neither JSON lines nor a table with a column `prompt`. If it holds one prompt a line, `batchwright create %s -m MODEL -o batch.jsonl` makes a batch file of it."
                                                .formatted(source.name(), source.argument())));
    }
}
