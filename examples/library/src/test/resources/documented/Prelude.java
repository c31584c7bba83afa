import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.Request;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Parsed;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/** What the blocks of code of a page find. Each block is a subclass of its own. */
abstract class Prelude implements AutoCloseable {
    record Ticket(String id, String text) {}

    final Logger log = LoggerFactory.getLogger("page");
    final String secret = "sk-of-nobody";

    final List<Ticket> tickets =
            List.of(
                    new Ticket("T-1", "I was charged twice."),
                    new Ticket("T-2", "The app crashes."),
                    new Ticket("T-3", "Wonderful!"));

    final Batchwright batchwright = Batchwright.open();

    final Job<String> job =
            batchwright.submit(
                    JobSpec.of("prelude")
                            .model("gpt-5-mini")
                            .mode(Mode.LIVE)
                            .items(
                                    tickets,
                                    ticket -> Request.chat().id(ticket.id()).user(ticket.text())));

    final String id = job.id();

    final String text = "no JSON";
    final String endpoint = "/v1/chat/completions";
    final RawJson requestBody =
            RawJson.of("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");
    final RawJson answerBody = RawJson.of("{\"choices\":[{\"message\":{\"content\":\"b\"}}]}");
    final Parsed.Invalid<?> invalid = new Parsed.Invalid<>("no JSON", "$");
    final int attempts = 1;

    void save(Object... what) {}

    void send(RawJson body) {}

    abstract void run() throws Exception;

    @Override
    public void close() {
        batchwright.close();
    }
}
