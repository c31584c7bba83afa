package dev.batchwright.workbench;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The jobs that this process takes to their ends in the background, a virtual thread each.
 * Thread-safe. Closing it stops them, and waits until calls under way are over; the jobs stay
 * Active, and go on when somebody starts them again.
 */
public final class Crew implements AutoCloseable {
    private final Workbench workbench;
    private final Map<JobId, Member> members = new ConcurrentHashMap<>();
    private boolean closed;

    private record Member(Pursuit pursuit, CompletableFuture<Job> end) {}

    public Crew(Workbench workbench) {
        this.workbench = workbench;
    }

    /**
     * Begins with a job, unless that was done before and is not over.
     *
     * @param announce gets what a run decides, in words
     * @return the job when nobody here goes on with it; completes with the exception that ended the
     *     pursuit
     * @throws IllegalStateException if this is closed
     */
    public synchronized CompletableFuture<Job> start(Job job, Consumer<String> announce) {
        if (closed) {
            throw new IllegalStateException("This was closed; open it again to run jobs.");
        }
        return members.computeIfAbsent(job.id(), id -> begin(job, announce)).end();
    }

    private Member begin(Job job, Consumer<String> announce) {
        var pursuit = new Pursuit(workbench, job, announce, () -> {});
        var end = new CompletableFuture<Job>();
        Thread.ofVirtual().name(job.id().value()).start(() -> pursue(job.id(), pursuit, end));
        return new Member(pursuit, end);
    }

    private void pursue(JobId id, Pursuit pursuit, CompletableFuture<Job> end) {
        try {
            Job ended = pursuit.toItsEnd();
            members.remove(id);
            end.complete(ended);
        } catch (InterruptedException | RuntimeException e) {
            members.remove(id);
            end.completeExceptionally(e);
        }
    }

    /** What is done here for a job, if anything. */
    public Optional<Pursuit> pursuit(JobId id) {
        return Optional.ofNullable(members.get(id)).map(Member::pursuit);
    }

    @Override
    public void close() {
        List<Member> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(members.values());
        }
        open.forEach(member -> member.pursuit().stop());
        open.forEach(member -> member.end().handle((job, problem) -> true).join());
    }
}
