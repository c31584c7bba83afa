package dev.batchwright.provider.echo;

import dev.batchwright.config.ProviderConfig;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which attempts go wrong. Attempts are counted per request, and only while it goes wrong, so that
 * memory is bounded by what is being retried; requests that nobody tries again are forgotten when
 * there are too many of them.
 */
final class EchoFaults {
    enum Fault {
        NONE,
        FAILURE,
        THROTTLE
    }

    private static final int MOST_COUNTED = 1 << 16;

    private final ProviderConfig.Echo options;
    private final boolean any;
    private final Map<Long, Integer> failedAttempts = new ConcurrentHashMap<>();

    EchoFaults(ProviderConfig.Echo options) {
        this.options = options;
        this.any = options.failureRate() > 0 || options.throttleRate() > 0;
    }

    Fault next(long request) {
        if (!any) {
            return Fault.NONE;
        }
        int attempt = failedAttempts.getOrDefault(request, 0);
        double draw =
                EchoHash.unit(
                        EchoHash.mixed(
                                request
                                        + EchoHash.mixed(options.seed())
                                        + attempt * 0x9e3779b97f4a7c15L));
        Fault fault = faultOf(draw);
        if (fault == Fault.NONE) {
            failedAttempts.remove(request);
            return fault;
        }
        if (failedAttempts.size() >= MOST_COUNTED) {
            failedAttempts.clear();
        }
        failedAttempts.put(request, attempt + 1);
        return fault;
    }

    private Fault faultOf(double draw) {
        if (draw < options.failureRate()) {
            return Fault.FAILURE;
        }
        return draw < options.failureRate() + options.throttleRate() ? Fault.THROTTLE : Fault.NONE;
    }
}
