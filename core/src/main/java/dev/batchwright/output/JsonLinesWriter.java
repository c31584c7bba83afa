package dev.batchwright.output;

import dev.batchwright.job.JobId;
import dev.batchwright.store.StoredResult;

import tools.jackson.core.io.JsonStringEncoder;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Lines in the shape of OpenAI's output files; the answer goes in as it is stored. */
final class JsonLinesWriter implements ResultWriter {
    private final OutputStream out;
    private final byte[] beforeSeq;

    JsonLinesWriter(JobId job, OutputStream out) {
        this.out = out;
        this.beforeSeq = utf8("{\"id\":\"batch_req_%s_".formatted(job));
    }

    @Override
    public void write(StoredResult result) throws IOException {
        out.write(beforeSeq);
        out.write(utf8(Long.toString(result.item().seq())));
        out.write(utf8("\",\"custom_id\":\""));
        out.write(JsonStringEncoder.getInstance().quoteAsUTF8(result.item().customId()));
        out.write(utf8("\","));
        result.answer().writeTo(out);
        out.write(utf8("}\n"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
