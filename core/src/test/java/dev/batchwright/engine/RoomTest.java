package dev.batchwright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Optional;
import java.util.concurrent.FutureTask;

@Timeout(10)
class RoomTest {
    @Test
    void that_is_opened_lets_the_one_who_waits_in_though_nobody_leaves() throws Exception {
        var room = new Room(10, 1 << 20);
        Item large = item(1 << 20);
        room.enter(large);
        var waiting =
                new FutureTask<>(
                        () -> {
                            room.enter(large);
                            return "in";
                        });
        Thread thread = Thread.ofPlatform().daemon().start(waiting);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }

        room.open();

        assertThat(waiting.get()).isEqualTo("in");
    }

    private static Item item(int bytes) {
        var body = RawJson.of("\"" + "x".repeat(bytes) + "\"");
        return new Item(1, "id", new Request("p", "/v1/embeddings", "m", body), Optional.empty());
    }
}
