package dev.batchwright.bench;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Request;
import dev.batchwright.store.CallKey;
import dev.batchwright.store.CallPlace;
import dev.batchwright.store.Calls;
import dev.batchwright.store.Gatherer;
import dev.batchwright.store.GrowingJob;
import dev.batchwright.store.JobStore;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A store whose calls are kept in memory alone, for measuring what it costs to keep them: which
 * call an item answers is known, but no item is written and nothing is synced. All else is the
 * store's own.
 */
final class MemoryCalls implements Calls {
    private final Calls stored;
    private final Map<CallKey, CallPlace> places = new ConcurrentHashMap<>();

    private MemoryCalls(Calls stored) {
        this.stored = stored;
    }

    /** Puts a store behind one. */
    static JobStore over(JobStore store) {
        var calls = new MemoryCalls(store.calls());
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    if (method.getName().equals("calls")) {
                        return calls;
                    }
                    if (method.getName().equals("gatherer")) {
                        return calls.new Gathering(store.gatherer());
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                };
        return (JobStore)
                Proxy.newProxyInstance(
                        MemoryCalls.class.getClassLoader(),
                        new Class<?>[] {JobStore.class},
                        handler);
    }

    @Override
    public Map<CallKey, CallPlace> find(Collection<CallKey> keys, Instant now) {
        var found = new HashMap<CallKey, CallPlace>();
        for (CallKey key : keys) {
            CallPlace place = places.get(key);
            if (place != null) {
                found.put(key, place);
            }
        }
        return found;
    }

    @Override
    public Optional<CallPlace> place(CallKey key) {
        return Optional.ofNullable(places.get(key));
    }

    @Override
    public boolean drop(JobId job, long seq) {
        return stored.drop(job, seq);
    }

    @Override
    public boolean isDropped(JobId job, long seq) {
        return stored.isDropped(job, seq);
    }

    @Override
    public void keep(JobId job, Instant until) {
        stored.keep(job, until);
    }

    @Override
    public int sweep(Instant now) {
        return stored.sweep(now);
    }

    @Override
    public List<JobId> underWay() {
        return stored.underWay();
    }

    @Override
    public List<JobId> forgotten(Instant before, int limit) {
        return stored.forgotten(before, limit);
    }

    private record Added(CallKey call, CallPlace place) {}

    private final class Gathering implements Gatherer {
        private final Gatherer storing;
        private final List<Added> added = new ArrayList<>();

        Gathering(Gatherer storing) {
            this.storing = storing;
        }

        @Override
        public GrowingJob begin(JobSpec spec) {
            return new Growing(storing.begin(spec), added);
        }

        @Override
        public void accept() {
            added.forEach(each -> places.put(each.call, each.place));
            added.clear();
        }

        @Override
        public List<Job> adopt() {
            return storing.adopt();
        }

        @Override
        public void close() {
            storing.close();
        }
    }

    private static final class Growing implements GrowingJob {
        private final GrowingJob stored;
        private final List<Added> added;
        private long items;
        private long bytes;

        Growing(GrowingJob stored, List<Added> added) {
            this.stored = stored;
            this.added = added;
        }

        @Override
        public JobId id() {
            return stored.id();
        }

        @Override
        public long items() {
            return items;
        }

        @Override
        public long bytes() {
            return bytes;
        }

        @Override
        public long add(CallKey call, long asked, String customId, Request request, Instant until) {
            items++;
            bytes += request.body().length();
            added.add(new Added(call, new CallPlace(id(), items, asked)));
            return items;
        }

        @Override
        public boolean isBroken() {
            return stored.isBroken();
        }

        @Override
        public Job start() {
            return stored.start();
        }

        @Override
        public Optional<Job> finish() {
            return stored.finish();
        }
    }
}
