package dev.batchwright.limit;

import dev.batchwright.limit.Simulation.Latency;
import dev.batchwright.limit.Simulation.Server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;

/** Servers of the kinds that are met in the field. */
final class SimulatedServers {
    /** Serves everything at once. */
    record Unlimited(Latency latency) implements Server {
        @Override
        public void arrive(Call call, Simulation world) {
            world.after(latency.sample(world.random), () -> world.answer(call, LimitReport.NONE));
        }
    }

    /** Fails a fixed share of calls, whatever their number, and serves the rest. */
    record Flaky(Server healthy, double overloaded, double broken, double throttled)
            implements Server {
        @Override
        public void arrive(Call call, Simulation world) {
            double chance = world.random.nextDouble();
            if (chance < overloaded) {
                world.overload(call);
            } else if (chance < overloaded + broken) {
                world.breakOff(call);
            } else if (chance < overloaded + broken + throttled) {
                world.throttle(call, Optional.empty(), LimitReport.NONE);
            } else {
                healthy.arrive(call, world);
            }
        }
    }

    /** So many calls at once; the others queue. */
    static final class Queueing implements Server {
        private final Latency latency;
        private final ArrayDeque<Call> queue = new ArrayDeque<>();
        int slots;
        private int busy;

        Queueing(int slots, Latency latency) {
            this.slots = slots;
            this.latency = latency;
        }

        @Override
        public void arrive(Call call, Simulation world) {
            queue.add(call);
            serve(world);
        }

        private void serve(Simulation world) {
            while (busy < slots && !queue.isEmpty()) {
                Call call = queue.remove();
                busy++;
                world.after(
                        latency.sample(world.random),
                        () -> {
                            busy--;
                            world.answer(call, LimitReport.NONE);
                            serve(world);
                        });
            }
        }
    }

    /** So many calls at once; the others are refused, as overload or as "too many". */
    static final class Refusing implements Server {
        private final Latency latency;
        private final boolean asThrottled;
        int slots;
        private int busy;

        Refusing(int slots, Latency latency, boolean asThrottled) {
            this.slots = slots;
            this.latency = latency;
            this.asThrottled = asThrottled;
        }

        @Override
        public void arrive(Call call, Simulation world) {
            if (busy < slots) {
                busy++;
                world.after(
                        latency.sample(world.random),
                        () -> {
                            busy--;
                            world.answer(call, LimitReport.NONE);
                        });
            } else if (asThrottled) {
                world.throttle(call, Optional.empty(), LimitReport.NONE);
            } else {
                world.overload(call);
            }
        }
    }

    /** Refuses a share of the calls as too fast, whoever comes how often, and never says when. */
    record Shedding(double share, Latency latency) implements Server {
        @Override
        public void arrive(Call call, Simulation world) {
            if (world.random.nextDouble() < share) {
                world.throttle(call, Optional.empty(), LimitReport.NONE);
            } else {
                world.after(
                        latency.sample(world.random), () -> world.answer(call, LimitReport.NONE));
            }
        }
    }

    /** Enforces requests and tokens per minute by token buckets of a given size. */
    static final class Limited implements Server {
        private final Latency latency;
        private final Bucket requests;
        private final Bucket tokens;
        boolean tells = true;
        boolean saysWhen = true;

        Limited(long requestsPerMinute, long tokensPerMinute, double burst, Latency latency) {
            this.latency = latency;
            this.requests = new Bucket(requestsPerMinute, burst);
            this.tokens = new Bucket(tokensPerMinute, burst);
        }

        @Override
        public void arrive(Call call, Simulation world) {
            boolean accepted = takes(call.tokens, world.now());
            LimitReport report =
                    tells ? new LimitReport(requests.report(), tokens.report()) : LimitReport.NONE;
            if (accepted) {
                world.after(latency.sample(world.random), () -> world.answer(call, report));
            } else {
                Optional<Duration> wait =
                        saysWhen
                                ? Optional.of(requests.waitFor(1).plus(tokens.waitFor(call.tokens)))
                                : Optional.empty();
                world.throttle(call, wait, report);
            }
        }

        /** Another process that shares the account takes its part, if there is enough left. */
        boolean takes(long tokensWanted, long now) {
            requests.fill(now);
            tokens.fill(now);
            if (requests.level < 1 || tokens.level < tokensWanted) {
                return false;
            }
            requests.level -= 1;
            tokens.level -= tokensWanted;
            return true;
        }

        void change(long requestsPerMinute) {
            requests.perMinute = requestsPerMinute;
        }

        private static final class Bucket {
            private final double burst;
            private long perMinute;
            private double level;
            private long filledAt;

            Bucket(long perMinute, double burst) {
                this.perMinute = perMinute;
                this.burst = burst;
                this.level = size();
            }

            private double size() {
                return Math.max(1, perMinute * burst / 60);
            }

            void fill(long now) {
                level = Math.min(size(), level + (now - filledAt) * (perMinute / 60e9));
                filledAt = now;
            }

            Duration waitFor(long wanted) {
                return Duration.ofNanos((long) (Math.max(0, wanted - level) / perMinute * 60e9));
            }

            LimitReport.Window report() {
                return new LimitReport.Window(
                        OptionalLong.of(perMinute),
                        OptionalLong.of((long) level),
                        Optional.of(
                                Duration.ofNanos((long) ((size() - level) / perMinute * 60e9))));
            }
        }
    }

    private SimulatedServers() {}
}
