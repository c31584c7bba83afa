package dev.batchwright.server;

import dev.batchwright.config.ServeConfig;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import io.micrometer.core.instrument.MeterRegistry;

import java.time.Clock;
import java.util.function.Supplier;

/**
 * What the faces of one server share, handed to their constructors.
 *
 * @param crew takes jobs to their ends; it is closed after the faces
 * @param meters where each face registers what can be counted about it
 * @param configured what the configuration says about serving at this moment
 */
public record ServingContext(
        Workbench workbench,
        ServerOptions options,
        Crew crew,
        Clock clock,
        EventLog events,
        MeterRegistry meters,
        Supplier<ServeConfig> configured) {}
