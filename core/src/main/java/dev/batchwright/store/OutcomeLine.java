package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.io.IOException;
import java.util.Optional;

/**
 * An outcome as a line of a worker's segment. What the index needs stands first; the answer, as an
 * OpenAI output line has it, stands last and is spliced into the output without being parsed.
 *
 * <pre>
 * {"seq":1,"shard":1,"epoch":1,"kind":"ok","status":200,"attempts":1,"usage":[10,0,5],"cost":0,
 *  "response":{"status_code":200,"request_id":"..","body":{..}},"error":null}
 * </pre>
 *
 * A failure also has {@code "failure":{"code":..,"message":..}} before the answer, because in the
 * answer an error stands only where there was no reply.
 */
final class OutcomeLine {
    private static final int SPACE_FOR_FIELDS = 320;

    private final JsonLine line;
    private final int answerOffset;
    private final int answerLength;

    private OutcomeLine(JsonLine line, int answerOffset, int answerLength) {
        this.line = line;
        this.answerOffset = answerOffset;
        this.answerLength = answerLength;
    }

    static OutcomeLine of(Lease lease, long seq, Outcome outcome) {
        Optional<Reply> reply = reply(outcome);
        int body = reply.map(r -> r.body().length()).orElse(0);
        var line = new JsonLine(SPACE_FOR_FIELDS + body);
        Usage usage = outcome.usage();
        line.raw("{\"seq\":").number(seq);
        line.raw(",\"shard\":").number(lease.shard().id());
        line.raw(",\"epoch\":").number(lease.epoch());
        line.raw(
                outcome instanceof Outcome.Succeeded ? ",\"kind\":\"ok\"" : ",\"kind\":\"failed\"");
        line.raw(",\"status\":").number(reply.map(Reply::status).orElse(0));
        line.raw(",\"attempts\":").number(outcome.attempts());
        line.raw(",\"usage\":[").number(usage.inputTokens());
        line.raw(",").number(usage.cachedTokens());
        line.raw(",").number(usage.outputTokens());
        line.raw("],\"cost\":").number(outcome.cost().picoUsd());
        if (outcome instanceof Outcome.Failed failed) {
            line.raw(",\"failure\":");
            error(line, failed.error());
        }
        line.raw(",");
        int start = line.length();
        answer(
                line,
                reply,
                outcome instanceof Outcome.Failed failed
                        ? Optional.of(failed.error())
                        : Optional.empty());
        int length = line.length() - start;
        return new OutcomeLine(line.raw("}").seal(), start, length);
    }

    private static Optional<Reply> reply(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded succeeded -> Optional.of(succeeded.reply());
            case Outcome.Failed failed -> failed.reply();
        };
    }

    static void answer(JsonLine line, Optional<Reply> reply, Optional<ItemError> error) {
        if (reply.isPresent()) {
            line.raw("\"response\":{\"status_code\":").number(reply.get().status());
            line.raw(",\"request_id\":").string(reply.get().requestId());
            line.raw(",\"body\":").json(reply.get().body()).raw("},\"error\":null");
        } else if (error.isPresent()) {
            line.raw("\"response\":null,\"error\":");
            error(line, error.get());
        }
    }

    private static void error(JsonLine line, ItemError error) {
        line.raw("{\"code\":").string(error.code());
        line.raw(",\"message\":").string(error.message()).raw("}");
    }

    /** The answer as it stands in the line. */
    RawJson answer() {
        return RawJson.of(line.bytes(), answerOffset, answerLength);
    }

    void appendTo(Segments.Writer writer) throws IOException {
        writer.append(line.bytes(), 0, line.length());
    }

    /** What the index keeps of it, once it lies at this offset. */
    IndexedOutcome indexed(Lease lease, long seq, Outcome outcome, long offset) {
        return new IndexedOutcome(
                seq,
                lease.shard().id(),
                lease.epoch(),
                outcome instanceof Outcome.Succeeded,
                reply(outcome).map(Reply::status).orElse(0),
                outcome instanceof Outcome.Failed failed ? failed.error().code() : "",
                outcome.attempts(),
                outcome.usage(),
                outcome.cost(),
                offset,
                line.length(),
                AnswerForm.FIELDS,
                offset + answerOffset,
                answerLength);
    }

    /** Reads what the index keeps of a line; empty if it is not an outcome. */
    static Optional<IndexedOutcome> read(byte[] json, long offset) {
        long seq = 0;
        long shard = 0;
        long epoch = 0;
        boolean succeeded = false;
        int status = 0;
        String cause = "";
        int attempts = 0;
        Usage usage = Usage.NONE;
        Cost cost = Cost.ZERO;
        try (JsonParser parser = Json.parser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (name.equals("response")) {
                    int start = Json.tokenOffset(parser);
                    return Optional.of(
                            new IndexedOutcome(
                                    seq,
                                    shard,
                                    epoch,
                                    succeeded,
                                    status,
                                    cause,
                                    attempts,
                                    usage,
                                    cost,
                                    offset,
                                    json.length + JsonLine.TRAILER,
                                    AnswerForm.FIELDS,
                                    offset + start,
                                    json.length - 1 - start));
                }
                parser.nextToken();
                switch (name) {
                    case "seq" -> seq = parser.getLongValue();
                    case "shard" -> shard = parser.getLongValue();
                    case "epoch" -> epoch = parser.getLongValue();
                    case "kind" -> succeeded = parser.getString().equals("ok");
                    case "status" -> status = (int) parser.getLongValue();
                    case "attempts" -> attempts = (int) parser.getLongValue();
                    case "usage" -> usage = usage(parser);
                    case "failure" -> cause = cause(parser);
                    case "cost" -> cost = new Cost(parser.getLongValue());
                    default -> parser.skipChildren();
                }
            }
        } catch (JacksonException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static String cause(JsonParser parser) {
        String cause = "";
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("code")) {
                cause = parser.getString();
            }
        }
        return cause;
    }

    private static Usage usage(JsonParser parser) {
        parser.nextToken();
        long input = parser.getLongValue();
        parser.nextToken();
        long cached = parser.getLongValue();
        parser.nextToken();
        long output = parser.getLongValue();
        parser.nextToken();
        return new Usage(input, cached, output);
    }
}
