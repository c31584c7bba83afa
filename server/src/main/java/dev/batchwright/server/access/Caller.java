package dev.batchwright.server.access;

import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who makes a request.
 *
 * @param owner the name of the key in the configuration, which is stored with everything that is
 *     made with it: nobody sees what belongs to another owner
 * @param scopes what the key may be used for
 */
public record Caller(String owner, Set<Scope> scopes, Limits limits) {
    /** Whoever calls where there are no keys: on the loopback address alone. */
    public static final Caller LOCAL = new Caller("local", EnumSet.allOf(Scope.class), Limits.NONE);

    /** Who was not let in. */
    public static final Caller NOBODY = new Caller("nobody", Set.of(), Limits.NONE);

    /** How fast a key may be used. */
    public record Limits(OptionalLong requestsPerMinute, OptionalLong tokensPerMinute) {
        /** As fast as anybody wants. */
        public static final Limits NONE = new Limits(OptionalLong.empty(), OptionalLong.empty());
    }

    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** Whether the key may be used for something. */
    public boolean may(Scope scope) {
        return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
    }

    /** Whether it may see what belongs to an owner. */
    public boolean sees(String other) {
        return owner.equals(other) || scopes.contains(Scope.ADMIN);
    }
}
