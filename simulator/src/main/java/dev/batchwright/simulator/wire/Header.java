package dev.batchwright.simulator.wire;

/** One header of a reply. */
public record Header(String name, String value) {}
