package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An endpoint that takes a form ({@code multipart/form-data}) or a JSON object. Of a form only the
 * text fields are read; files are accepted and ignored. A form that is sent again has another
 * boundary as a rule, and so is another request to the bill.
 */
record FormCall(JsonCall json) implements Endpoint {
    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)\"?");
    private static final Pattern NAME = Pattern.compile("(?i)[; ]name=\"([^\"]*)\"");

    @Override
    public String method() {
        return json.method();
    }

    @Override
    public String canonicalPath() {
        return json.canonicalPath();
    }

    @Override
    public boolean metered() {
        return json.metered();
    }

    @Override
    public Intake read(Arrival arrival, RequestHash hash) {
        String type = arrival.header("content-type");
        Matcher boundary = BOUNDARY.matcher(type);
        if (!type.startsWith("multipart/form-data") || !boundary.find()) {
            return json.read(arrival, hash);
        }
        return json.reader().read(fields(arrival.body(), boundary.group(1)), hash);
    }

    private static ObjectNode fields(byte[] body, String boundary) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        // One character per byte, so that files in between do no harm.
        String form = new String(body, StandardCharsets.ISO_8859_1);
        for (String part : form.split(Pattern.quote("--" + boundary), -1)) {
            int gap = part.indexOf("\r\n\r\n");
            if (gap < 0 || part.substring(0, gap).contains("filename=")) {
                continue;
            }
            Matcher name = NAME.matcher(part.substring(0, gap));
            if (name.find()) {
                String bytes = part.substring(gap + 4, Math.max(gap + 4, part.length() - 2));
                String value =
                        new String(
                                bytes.getBytes(StandardCharsets.ISO_8859_1),
                                StandardCharsets.UTF_8);
                if (name.group(1).equals("n") && value.matches("\\d{1,9}")) {
                    fields.put(name.group(1), Integer.parseInt(value));
                } else {
                    fields.put(name.group(1), value);
                }
            }
        }
        return fields;
    }
}
