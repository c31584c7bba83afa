package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.quirk.Quirk;
import dev.batchwright.simulator.quirk.Quirks;

import java.util.Optional;

/** The quirks that strike one batch, decided when it is created. */
record Fate(
        Optional<Quirk.CreateLag> createLag,
        Optional<Quirk.Stuck> stuck,
        Optional<Quirk.Expire> expire,
        Optional<Quirk.Fail> fail,
        Optional<Quirk.FailLate> failLate,
        boolean reorder,
        boolean emptyErrorId,
        boolean emptyErrorFile,
        boolean countsBack,
        Optional<Quirk.CountsLag> countsLag,
        boolean cancelLate,
        Optional<Quirk.CancelLoses> cancelLoses,
        Optional<String> status) {
    static Fate of(Quirks quirks) {
        return new Fate(
                quirks.strike(Quirk.CreateLag.class),
                quirks.strike(Quirk.Stuck.class),
                quirks.strike(Quirk.Expire.class),
                quirks.strike(Quirk.Fail.class),
                quirks.strike(Quirk.FailLate.class),
                quirks.strike(Quirk.Reorder.class).isPresent(),
                quirks.strike(Quirk.EmptyErrorId.class).isPresent(),
                quirks.strike(Quirk.EmptyErrorFile.class).isPresent(),
                quirks.strike(Quirk.CountsBack.class).isPresent(),
                quirks.strike(Quirk.CountsLag.class),
                quirks.strike(Quirk.CancelLate.class).isPresent(),
                quirks.strike(Quirk.CancelLoses.class),
                quirks.strike(Quirk.Status.class).map(Quirk.Status::word));
    }
}
