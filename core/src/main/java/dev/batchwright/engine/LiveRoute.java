package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.Throttle;
import dev.batchwright.provider.LiveApi;

import java.util.function.Function;

/**
 * How requests for one model of one provider travel now: the calls, their permits and their price
 * (zero where none is known).
 */
public record LiveRoute(LiveApi api, Throttle throttle, Function<Usage, Cost> price) {}
