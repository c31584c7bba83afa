package dev.batchwright.input;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The rows of a CSV or TSV file, the first record of which names the columns. */
final class Table {
    static final String EMPTY_PROMPT =
            "the prompt that this row makes is empty. Fill it in, or take the row out.";
    private static final int MOST_NAMED = 50;

    private final String file;
    private final RequestOptions options;
    private final Findings findings;
    private final ItemMaker maker;
    private final CsvReader records;
    private final List<String> columns = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final List<RawJson> beforeValues = new ArrayList<>();
    private final JsonBuffer buffer = new JsonBuffer();

    Table(
            String file,
            RequestOptions options,
            Findings findings,
            ItemMaker maker,
            CsvReader records) {
        this.file = file;
        this.options = options;
        this.findings = findings;
        this.maker = maker;
        this.records = records;
    }

    void read() throws IOException {
        if (!readHeader()) {
            return;
        }
        var requests = new RowRequests(options, prompt());
        requireColumns(requests.prompt(), "--prompt");
        requests.system().ifPresent(system -> requireColumns(system, "--system"));
        options.idColumn().ifPresent(name -> require(name, "--id-column"));
        int idField = place(options.idColumn().orElse("custom_id"));
        int modelField = place("model");
        while (records.next()) {
            if (records.blank()) {
                continue;
            }
            Optional<String> problem = recordProblem();
            if (problem.isPresent()) {
                findings.problem(records.line(), problem.get());
                continue;
            }
            row(requests, idField, modelField);
        }
    }

    private int place(String column) {
        return places.getOrDefault(column, -1);
    }

    private boolean readHeader() throws IOException {
        do {
            if (!records.next()) {
                return false;
            }
        } while (records.blank());
        if (records.problem().isPresent()) {
            throw unusable(records.problem().get() + ".");
        }
        if (records.invalidByte() > 0) {
            throw unusable(invalid(records.invalidByte()));
        }
        for (int i = 0; i < records.size(); i++) {
            String name = records.text(i);
            if (name.indexOf('\r') >= 0) {
                throw unusable(
                        "lines end with CR alone, as on old Macs. Save the file with LF or CR LF.");
            }
            if (places.putIfAbsent(name, i) != null) {
                throw unusable(
                        "two columns are called `%s`. Give each its own name.".formatted(name));
            }
            columns.add(name);
            var before = new JsonBuffer();
            before.raw(i == 0 ? "{" : "\",").quoted(name).raw(":\"");
            beforeValues.add(before.json());
        }
        return true;
    }

    private InputException unusable(String text) {
        return new InputException("%s:%d: %s".formatted(file, records.line(), text));
    }

    private Template prompt() {
        if (options.prompt().isPresent()) {
            return options.prompt().get();
        }
        if (places.containsKey("prompt")) {
            return Template.column("prompt");
        }
        throw unusable(
                "there is no column `prompt`. Say with --prompt how a prompt is made of a row, as in --prompt '... {{%s}}'. The columns: %s.%s"
                        .formatted(columns.getLast(), list(columns, MOST_NAMED), separatorHint()));
    }

    private void requireColumns(Template template, String option) {
        template.columns().forEach(column -> require(column, option));
    }

    private void require(String column, String option) {
        if (!places.containsKey(column)) {
            throw unusable(
                    "there is no column `%s`, which %s names.%s The columns: %s.%s"
                            .formatted(
                                    column,
                                    option,
                                    Suggestion.didYouMean(column, columns),
                                    list(columns, MOST_NAMED),
                                    separatorHint()));
        }
    }

    private String separatorHint() {
        if (columns.size() > 1) {
            return "";
        }
        String only = columns.getFirst();
        if (only.contains(";")) {
            return " They seem to be separated by `;`: save the file with commas.";
        }
        return only.contains("\t") ? " They seem to be separated by tabs: call the file .tsv." : "";
    }

    static String list(List<String> names, int most) {
        if (names.isEmpty()) {
            return "no fields";
        }
        String shown =
                names.stream()
                        .limit(most)
                        .map(
                                name ->
                                        "`"
                                                + (name.length() > 100
                                                        ? name.substring(0, 100) + "..."
                                                        : name)
                                                + "`")
                        .collect(Collectors.joining(", "));
        int more = names.size() - most;
        return more > 0 ? "%s and %,d more".formatted(shown, more) : shown;
    }

    private Optional<String> recordProblem() {
        if (records.problem().isPresent()) {
            return Optional.of(records.problem().get() + ".");
        }
        if (records.invalidByte() > 0) {
            return Optional.of(invalid(records.invalidByte()));
        }
        if (records.size() != columns.size()) {
            return Optional.of(
                    "the row has %d fields, the header has %d. Put fields that hold delimiters or line ends in quotes."
                            .formatted(records.size(), columns.size()));
        }
        return Optional.empty();
    }

    private static String invalid(long position) {
        return "byte %,d of the file is not UTF-8. Save the file as UTF-8.".formatted(position);
    }

    private void row(RowRequests requests, int idField, int modelField) throws IOException {
        long line = records.line();
        String named = modelField >= 0 ? records.text(modelField) : "";
        String model = options.model().orElse(named);
        Optional<Router.Resolution.Routed> route = maker.route(model, line);
        if (route.isEmpty()) {
            return;
        }
        Optional<RawJson> body = requests.body(this::append, route.get().model());
        if (body.isEmpty()) {
            findings.problem(line, EMPTY_PROMPT);
            return;
        }
        var request =
                new Request(
                        route.get().provider(),
                        requests.endpoint().path(),
                        route.get().model(),
                        body.get());
        RawJson row = rowJson();
        maker.row(
                line,
                idField >= 0 ? Optional.of(records.text(idField)) : Optional.empty(),
                model,
                requests.endpoint(),
                request,
                row,
                buffer.slice());
    }

    private boolean append(String column, JsonBuffer target) {
        records.append(place(column), target);
        return true;
    }

    private RawJson rowJson() {
        buffer.clear();
        for (int i = 0; i < columns.size(); i++) {
            buffer.raw(beforeValues.get(i));
            records.append(i, buffer);
        }
        return buffer.raw("\"}").json();
    }

    List<String> columns() {
        return List.copyOf(columns);
    }
}
