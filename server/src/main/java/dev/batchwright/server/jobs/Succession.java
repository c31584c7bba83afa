package dev.batchwright.server.jobs;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Takes up the server's jobs that nobody works on: those of a process that stopped or died, this
 * one's predecessor or a neighbour on the same store. A job that was just made is left to who made
 * it; one without a worker at two looks in a row has nobody. Jobs of the command line and the
 * library are theirs.
 */
public final class Succession implements Lookout.Viewer {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final Duration YOUNG = Duration.ofSeconds(10);

    private final JobStore store;
    private final Crew crew;
    private final InstantSource clock;
    private Set<JobId> lonely = Set.of();

    public Succession(JobStore store, Crew crew, InstantSource clock) {
        this.store = store;
        this.crew = crew;
        this.clock = clock;
    }

    @Override
    public void see(List<Job> jobs) {
        var alone = new HashSet<JobId>();
        for (Job job : jobs) {
            if (mayBeTakenUp(job) && store.workers(job.id()).isEmpty()) {
                alone.add(job.id());
                if (lonely.contains(job.id())) {
                    takeUp(job);
                }
            }
        }
        lonely = alone;
    }

    private boolean mayBeTakenUp(Job job) {
        return job.state() instanceof JobState.Active
                && !job.spec().owner().isEmpty()
                && job.createdAt().plus(YOUNG).isBefore(clock.instant())
                && crew.pursuit(job.id()).isEmpty();
    }

    private void takeUp(Job job) {
        LOG.atInfo()
                .addKeyValue("job", job.id().value())
                .addKeyValue("owner", job.spec().owner())
                .log("A job that nobody worked on is taken up");
        var unused = crew.start(job, word -> {});
    }
}
