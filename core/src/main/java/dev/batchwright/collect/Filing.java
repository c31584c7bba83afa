package dev.batchwright.collect;

import dev.batchwright.collect.Intake.Ready;

import java.time.Duration;
import java.util.List;

/** How calls become items of jobs. For the collector's thread. */
interface Filing {
    /** Stores these calls, or joins them to items that answer them already, or will. */
    void file(List<Ready> calls);

    /** Does what is due by now; says how long until there may be more to do. */
    Duration tick();

    /** Nothing is filed any more: what was stored is there for whoever goes on. */
    void close();
}
