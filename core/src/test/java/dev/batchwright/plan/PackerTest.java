package dev.batchwright.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class PackerTest {
    private static final long ANY = Long.MAX_VALUE;

    private static List<Packer.Packed> packed(BatchSize limit, BatchSize each, int requests) {
        BatchSize total = BatchSize.NONE;
        for (int i = 0; i < requests; i++) {
            total = total.plus(each);
        }
        var packer = new Packer(limit, total);
        var all = new ArrayList<Packer.Packed>();
        for (int seq = 1; seq <= requests; seq++) {
            packer.add(seq, each).ifPresent(all::add);
        }
        packer.end().ifPresent(all::add);
        return all;
    }

    @Test
    void batches_are_as_few_as_they_can_be_and_even() {
        assertThat(packed(new BatchSize(50, ANY, ANY, ANY), new BatchSize(1, 9, 9, 1), 60))
                .extracting(batch -> batch.members().size())
                .containsExactly(30L, 30L);
    }

    @Test
    void a_request_counts_for_as_many_inputs_as_it_has() {
        var limit = new BatchSize(50_000, ANY, ANY, 50_000);
        assertThat(packed(limit, new BatchSize(1, 9, 9, 2_000), 100))
                .allSatisfy(batch -> assertThat(batch.size().inputs()).isLessThanOrEqualTo(50_000))
                .hasSize(4);
        assertThat(packed(limit, new BatchSize(1, 9, 9, 1), 100)).hasSize(1);
    }

    @Test
    void a_request_that_is_larger_than_any_batch_fits_nowhere() {
        var packer = new Packer(new BatchSize(9, 9, 9, 9), BatchSize.NONE);
        assertThat(packer.takes(new BatchSize(1, 9, 9, 9))).isTrue();
        assertThat(packer.takes(new BatchSize(1, 9, 9, 10))).isFalse();
    }
}
