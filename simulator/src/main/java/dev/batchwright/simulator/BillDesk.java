package dev.batchwright.simulator;

import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.simulator.bill.BillReport;
import dev.batchwright.simulator.fault.Span;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Reply;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Answers at the status address. */
record BillDesk(Bill bill) {
    static final String PATH = "/simulator/bill";
    static final String BATCHES = "/simulator/batches";

    static boolean knows(String path) {
        return path.equals(PATH) || path.equals(BATCHES);
    }

    /** May work for long: rows of batches that are due are executed before they are counted. */
    Reply answer(Arrival arrival) {
        if (arrival.path().equals(BATCHES)) {
            return arrival.method().equals("GET")
                    ? Reply.json(200, BillReport.batches(bill))
                    : problem(405, "the list of batches takes GET");
        }
        return switch (arrival.method()) {
            case "GET" -> read(arrival);
            case "DELETE" -> {
                bill.reset();
                yield done();
            }
            default -> problem(405, "the bill takes GET and DELETE");
        };
    }

    private Reply read(Arrival arrival) {
        String request = arrival.parameter("request");
        if (!request.isEmpty()) {
            return request.matches("[0-9a-f]{16,64}")
                    ? Reply.json(200, BillReport.of(bill, request))
                    : problem(400, "request is the hash: 16 to 64 lower-case hexadecimal digits");
        }
        String window = arrival.parameter("window");
        try {
            Duration span = window.isEmpty() ? Duration.ofSeconds(10) : Span.parse(window);
            return Reply.json(200, BillReport.of(bill, span));
        } catch (IllegalArgumentException e) {
            return problem(400, "window: " + e.getMessage());
        }
    }

    static Reply done() {
        return new Reply(204, Reply.JSON, List.of(), List.of(new byte[0]), false);
    }

    static Reply problem(int status, String message) {
        return new Reply(
                status,
                "text/plain; charset=utf-8",
                List.of(),
                List.of((message + "\n").getBytes(StandardCharsets.UTF_8)),
                false);
    }
}
