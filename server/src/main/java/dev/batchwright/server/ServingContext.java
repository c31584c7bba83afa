package dev.batchwright.server;

import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import io.micrometer.core.instrument.MeterRegistry;

import java.time.Clock;

/**
 * What the faces of one server share, handed to their constructors.
 *
 * @param crew takes jobs to their ends; it is closed after the faces
 * @param meters where each face registers what can be counted about it
 */
public record ServingContext(
        Workbench workbench,
        ServerOptions options,
        Crew crew,
        Clock clock,
        EventLog events,
        MeterRegistry meters) {}
