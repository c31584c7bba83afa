package dev.batchwright.server.batches;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.JsonFields;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.StoredResult;

import tools.jackson.core.io.JsonStringEncoder;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/** How the result of a request is written, in the form of one API. For one thread. */
sealed interface ResultLines {
    /**
     * The line of a result, with its end; good until the next one is asked for.
     *
     * @param end why a request without an outcome has none
     */
    ByteArrayOutputStream line(StoredResult result, Status end);

    /** OpenAI's lines. They begin with an id that ends in the place of the request. */
    final class OpenAi implements ResultLines {
        private static final byte[] ID = ascii("{\"id\":\"");
        private static final byte[] CUSTOM_ID = ascii("\",\"custom_id\":\"");
        private static final byte[] ANSWER = ascii("\",");
        private static final byte[] END = ascii("}\n");

        private final byte[] prefix;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);

        OpenAi(String batch) {
            this.prefix = ascii("batch_req_%s_".formatted(batch.substring(batch.indexOf('_') + 1)));
        }

        @Override
        public ByteArrayOutputStream line(StoredResult result, Status end) {
            out.reset();
            out.writeBytes(ID);
            out.writeBytes(prefix);
            out.writeBytes(ascii(Long.toString(result.item().seq())));
            out.writeBytes(CUSTOM_ID);
            out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(result.item().customId()));
            out.writeBytes(ANSWER);
            write(
                    result.kind() == StoredResult.Kind.PENDING
                            ? RawJson.of(unexecuted(end))
                            : result.answer(),
                    out);
            out.writeBytes(END);
            return out;
        }

        private static String unexecuted(Status end) {
            return switch (end) {
                case EXPIRED ->
                        "\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"This"
                                + " request could not be executed before the completion window"
                                + " expired.\"}";
                case CANCELLED ->
                        "\"response\":null,\"error\":{\"code\":\"batch_cancelled\",\"message\":\"This"
                            + " request was not executed because the batch was cancelled.\"}";
                case VALIDATING, IN_PROGRESS, FINALIZING, COMPLETED, FAILED, CANCELLING ->
                        "\"response\":null,\"error\":{\"code\":\"batch_failed\",\"message\":\"This"
                                + " request was not executed because the batch failed.\"}";
            };
        }

        /** The place of the request whose line this is; empty if it is not one of this batch. */
        OptionalLong place(byte[] line, int length) {
            int at = ID.length + prefix.length;
            boolean ours = length > at && starts(line, 0, ID) && starts(line, ID.length, prefix);
            long seq = 0;
            while (ours && at < length && line[at] >= '0' && line[at] <= '9') {
                seq = seq * 10 + line[at++] - '0';
            }
            return seq > 0 ? OptionalLong.of(seq) : OptionalLong.empty();
        }

        private static boolean starts(byte[] line, int offset, byte[] with) {
            for (int i = 0; i < with.length; i++) {
                if (line[offset + i] != with[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Anthropic's lines. */
    final class Messages implements ResultLines {
        private static final byte[] CUSTOM_ID = ascii("{\"custom_id\":\"");
        private static final byte[] RESULT = ascii("\",\"result\":{\"type\":\"");
        private static final byte[] END = ascii("}}\n");
        private static final String REFUSED = "The backend refused this request.";

        private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);

        @Override
        public ByteArrayOutputStream line(StoredResult result, Status end) {
            begin(result.item().customId());
            switch (result.kind()) {
                case SUCCEEDED -> {
                    out.writeBytes(ascii("succeeded\",\"message\":"));
                    write(response(result).find("body").orElse(RawJson.NULL), out);
                }
                case FAILED -> {
                    out.writeBytes(ascii("errored\",\"error\":"));
                    write(error(result), out);
                }
                case PENDING ->
                        out.writeBytes(ascii(end == Status.EXPIRED ? "expired\"" : "canceled\""));
            }
            out.writeBytes(END);
            return out;
        }

        /** The line of a request that was never sent. */
        ByteArrayOutputStream refused(String customId, ItemError error) {
            begin(customId);
            out.writeBytes(ascii("errored\",\"error\":"));
            write(envelope(error.code(), error.message()), out);
            out.writeBytes(END);
            return out;
        }

        private void begin(String customId) {
            out.reset();
            out.writeBytes(CUSTOM_ID);
            out.writeBytes(JsonStringEncoder.getInstance().quoteAsUTF8(customId));
            out.writeBytes(RESULT);
        }

        private static JsonFields answer(StoredResult result) {
            return JsonFields.of(RawJson.of("{" + result.answer() + "}"));
        }

        private static JsonFields response(StoredResult result) {
            return answer(result).object("response");
        }

        private static RawJson error(StoredResult result) {
            try {
                return said(result);
            } catch (IllegalArgumentException e) {
                // What the backend said is no error of either API's form.
                return envelope("api_error", REFUSED);
            }
        }

        /** The error envelope of the API: the backend's own where it has one. */
        private static RawJson said(StoredResult result) {
            JsonFields answer = answer(result);
            JsonFields response = answer.object("response");
            Optional<RawJson> body = response.find("body").filter(Messages::isObject);
            if (body.isPresent()) {
                JsonFields said = JsonFields.of(body.get());
                if (said.find("type").map(RawJson::toString).orElse("").equals("\"error\"")) {
                    return body.get();
                }
                String message =
                        said.find("error")
                                .filter(Messages::isObject)
                                .map(JsonFields::of)
                                .flatMap(error -> error.find("message"))
                                .map(Messages::text)
                                .orElse(REFUSED);
                return envelope(type(status(response)), message);
            }
            JsonFields error = answer.object("error");
            return envelope(
                    type(error.find("code").map(Messages::text).orElse("")),
                    error.find("message").map(Messages::text).orElse("No answer was received."));
        }

        private static boolean isObject(RawJson json) {
            return json.length() > 0 && json.byteAt(0) == '{';
        }

        private static String text(RawJson json) {
            return ApiJson.text(json);
        }

        private static int status(JsonFields response) {
            return response.find("status_code")
                    .map(RawJson::toString)
                    .filter(digits -> digits.matches("[0-9]{3}"))
                    .map(Integer::parseInt)
                    .orElse(500);
        }

        private static String type(int status) {
            return switch (status) {
                case 401 -> "authentication_error";
                case 402 -> "billing_error";
                case 403 -> "permission_error";
                case 404 -> "not_found_error";
                case 413 -> "request_too_large";
                case 429 -> "rate_limit_error";
                case 504 -> "timeout_error";
                case 529 -> "overloaded_error";
                default -> status < 500 ? "invalid_request_error" : "api_error";
            };
        }

        private static String type(String code) {
            if (code.equals("insufficient_quota")) {
                return type(429);
            }
            return code.contains("timeout") ? "timeout_error" : "api_error";
        }

        private static RawJson envelope(String type, String message) {
            return RawJson.of(
                    "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":%s},\"request_id\":null}"
                            .formatted(type, ApiJson.quoted(message)));
        }
    }

    private static void write(RawJson json, ByteArrayOutputStream out) {
        try {
            json.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // An array does not fail.
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
