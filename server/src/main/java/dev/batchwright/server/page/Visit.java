package dev.batchwright.server.page;

import dev.batchwright.job.Job;
import dev.batchwright.server.access.Caller;
import dev.batchwright.server.access.Scope;
import dev.batchwright.store.Views;

import java.util.Optional;

/**
 * One look at the page.
 *
 * @param caller who looks
 * @param token that forms carry, so that no other site can send them
 * @param signedIn whether there is somebody to sign out
 * @param partial whether only what changes is asked for
 * @param seen the version of it that is there already
 */
record Visit(
        Caller caller, String token, boolean signedIn, boolean partial, Optional<String> seen) {
    /** Whose jobs are shown: all to an administrator, and where there are no keys. */
    Views.Whose whose() {
        return seesAll() ? new Views.Whose.Everybodys() : new Views.Whose.Owners(caller.owner());
    }

    boolean seesAll() {
        return caller.may(Scope.ADMIN);
    }

    boolean sees(Job job) {
        return caller.sees(job.spec().owner());
    }

    /** Whether it is worth to say whose a job is. */
    boolean tellsOwners() {
        return signedIn && seesAll();
    }
}
