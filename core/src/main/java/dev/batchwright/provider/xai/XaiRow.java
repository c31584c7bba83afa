package dev.batchwright.provider.xai;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.ResultRow;
import dev.batchwright.provider.ResultRow.Answer.InLine;
import dev.batchwright.provider.ResultRow.Answer.None;
import dev.batchwright.provider.ResultRow.Blank;
import dev.batchwright.provider.ResultRow.Failed;
import dev.batchwright.provider.ResultRow.Form;
import dev.batchwright.provider.ResultRow.Succeeded;
import dev.batchwright.provider.ResultRow.Unreadable;
import dev.batchwright.provider.openai.JsonScan;
import dev.batchwright.provider.openai.UsageReader;

/**
 * Reads xAI's rows: {@code batch_request_id}, and in {@code batch_result} either a {@code response}
 * with a chat completion or an {@code error} in plain words. Words alone don't tell whether another
 * attempt may go better, so it may.
 */
final class XaiRow {
    private static final int OK = 200;

    ResultRow read(byte[] line, int offset, int length) {
        var scan = new JsonScan(line, offset, length);
        try {
            if (scan.start() == offset + length) {
                return new Blank();
            }
            var row = new Row(offset);
            row.scan(scan);
            scan.end();
            return row.judge();
        } catch (JsonScan.NotJson broken) {
            return new Unreadable("the line is not valid JSON");
        }
    }

    private static final class Row {
        private final int lineStart;
        private String wireId = "";
        private String error = "";
        private int from;
        private int to;
        private boolean hasChoices;
        private Usage usage = Usage.NONE;

        Row(int lineStart) {
            this.lineStart = lineStart;
        }

        void scan(JsonScan scan) {
            if (!scan.beginObject()) {
                throw new JsonScan.NotJson();
            }
            while (scan.nextField()) {
                if (scan.nameIs("batch_request_id")) {
                    wireId = scan.text();
                } else if (scan.nameIs("batch_result") && scan.beginObject()) {
                    scanResult(scan);
                } else {
                    scan.skip();
                }
            }
        }

        private void scanResult(JsonScan scan) {
            while (scan.nextField()) {
                if (scan.nameIs("error")) {
                    error = scan.text();
                } else if (scan.nameIs("response") && scan.beginObject()) {
                    while (scan.nextField()) {
                        if (scan.nameIs("chat_get_completion") && scan.isObject()) {
                            scanBody(scan);
                        } else {
                            scan.skip();
                        }
                    }
                } else {
                    scan.skip();
                }
            }
        }

        private void scanBody(JsonScan scan) {
            from = scan.start();
            scan.beginObject();
            while (scan.nextField()) {
                if (scan.nameIs("choices")) {
                    hasChoices = scan.isArray();
                    scan.skip();
                } else if (scan.nameIs("usage")) {
                    usage = UsageReader.read(scan);
                } else {
                    scan.skip();
                }
            }
            to = scan.at();
        }

        ResultRow judge() {
            if (wireId.isEmpty()) {
                return new Unreadable("the line has no batch_request_id");
            }
            var body = new InLine(Form.BODY, OK, from - lineStart, to - from);
            if (hasChoices) {
                return new Succeeded(wireId, usage, body);
            }
            return from == to
                    ? new Failed(
                            wireId,
                            new ItemError(
                                    "batch_error",
                                    error.isEmpty() ? "The batch gave no reason." : error),
                            true,
                            usage,
                            new None())
                    : new Failed(
                            wireId,
                            new ItemError(
                                    "unexpected_answer",
                                    "The answer is not what this endpoint gives."),
                            true,
                            usage,
                            body);
        }
    }
}
