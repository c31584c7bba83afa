package dev.batchwright.cli;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Lane;
import dev.batchwright.store.BatchWork;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Worker;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Stands around a store and all that it hands out, and tells of each moment just before and just
 * after a step that the store commits, and of each 250th line of results that is read.
 */
final class Tripwire {
    private static final long LINES = 250;

    /** Steps that are told apart by nothing but their name. */
    private static final Set<String> STEPS =
            Set.of(
                    "updateSpec",
                    "openWorker",
                    "learnQueueLimit",
                    "replace",
                    "note",
                    "download",
                    "harvest",
                    "record",
                    "renew",
                    "flush",
                    "release");

    private final KillPoint.Counter times = new KillPoint.Counter();
    private final AtomicLong lines = new AtomicLong();
    private final Consumer<KillPoint> listener;

    /**
     * @param listener is told of each point, on the thread that comes to it
     */
    Tripwire(Consumer<KillPoint> listener) {
        this.listener = listener;
    }

    JobStore over(JobStore store) {
        return over(JobStore.class, store);
    }

    private <T> T over(Class<T> type, T target) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, args) ->
                                call(target, method, args == null ? new Object[0] : args)));
    }

    private @Nullable Object call(Object target, Method method, Object[] args) throws Throwable {
        Optional<String> step = step(target, method.getName(), args);
        step.ifPresent(name -> pass("before " + name));
        for (int i = 0; i < args.length; i++) {
            if (args[i] instanceof BatchWork.Judge judge) {
                args[i] = counted(judge);
            }
        }
        @Nullable Object result;
        try {
            result = method.invoke(target, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        step.ifPresent(name -> pass("after " + name));
        return switch (result) {
            case JobDraft draft -> over(JobDraft.class, draft);
            case Worker worker -> over(Worker.class, worker);
            case BatchWork work -> over(BatchWork.class, work);
            case BatchWork.Download download -> over(BatchWork.Download.class, download);
            case null, default -> result;
        };
    }

    private static Optional<String> step(Object target, String method, Object[] args) {
        return switch (method) {
            case "draft" -> Optional.of("draft");
            case "addEvent" -> Optional.of("event " + args[1]);
            case "transition" -> Optional.of("transition " + args[2].getClass().getSimpleName());
            case "claim" -> Optional.of("claim " + ((Lane) args[0]).name());
            case "advance", "enqueue" ->
                    Optional.of(
                            "advance " + ((BatchShard) args[1]).state().getClass().getSimpleName());
            case "close" -> target instanceof Worker ? Optional.of("leave") : Optional.empty();
            case "commit" ->
                    Optional.of(target instanceof JobDraft ? "commit job" : "commit download");
            default -> STEPS.contains(method) ? Optional.of(method) : Optional.empty();
        };
    }

    private BatchWork.Judge counted(BatchWork.Judge judge) {
        return (line, offset, length) -> {
            if (lines.incrementAndGet() % LINES == 0) {
                pass("line");
            }
            return judge.judge(line, offset, length);
        };
    }

    private void pass(String place) {
        listener.accept(times.next(place));
    }
}
