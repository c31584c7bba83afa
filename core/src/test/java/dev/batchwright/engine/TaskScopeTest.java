package dev.batchwright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

@Timeout(20)
class TaskScopeTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Test
    void a_prepared_task_begins_when_it_is_woken() throws Exception {
        try (var scope = new TaskScope("tasks", failures::add)) {
            TaskScope.Prepared task =
                    scope.prepare(mark -> seen.add("ran"), () -> seen.add("abandoned"));
            task.ready();
            assertThat(scope.join(Duration.ZERO)).isFalse();
            task.wake();
            assertThat(scope.join(LONG)).isTrue();
        }
        assertThat(seen).containsExactly("ran");
        assertThat(failures).isEmpty();
    }

    @Test
    void one_that_has_begun_is_woken_from_its_wait() throws Exception {
        var began = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        try (var scope = new TaskScope("tasks", failures::add)) {
            TaskScope.Prepared task =
                    scope.prepare(
                            mark -> {
                                began.countDown();
                                goOn.await();
                                seen.add("ran");
                            },
                            () -> seen.add("abandoned"));
            task.wake();
            began.await();
            task.wake();
            goOn.countDown();
            assertThat(scope.join(LONG)).isTrue();
        }
        assertThat(seen).containsExactly("ran");
    }

    @Test
    void one_that_never_began_is_abandoned_when_the_scope_winds_down() throws Exception {
        try (var scope = new TaskScope("tasks", failures::add)) {
            scope.prepare(mark -> seen.add("ran"), () -> seen.add("abandoned")).ready();
            scope.windDown();
            assertThat(scope.join(LONG)).isTrue();
        }
        assertThat(seen).containsExactly("abandoned");
    }

    @Test
    void so_is_one_that_is_prepared_too_late_and_one_that_the_end_finds() throws Exception {
        try (var scope = new TaskScope("tasks", failures::add)) {
            scope.prepare(mark -> seen.add("ran"), () -> seen.add("found"));
            scope.windDown();
            scope.prepare(mark -> seen.add("ran"), () -> seen.add("late")).ready();
        }
        assertThat(seen).containsExactlyInAnyOrder("found", "late");
    }
}
