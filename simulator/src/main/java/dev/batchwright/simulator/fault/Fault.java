package dev.batchwright.simulator.fault;

import java.time.Duration;
import java.util.Optional;

/** One way in which a provider fails. */
public sealed interface Fault {
    /** How the bill counts it where the request is run all the same. */
    String label();

    /** Strikes before execution: the request is not run. */
    sealed interface Early extends Fault {}

    /** Strikes after execution: the request is run, and its answer harmed. */
    sealed interface Late extends Fault {}

    /**
     * An error object with this status.
     *
     * @param kind the word that tells the errors of one status apart, or ""
     * @param retryAfter what Retry-After asks for
     */
    record Status(int status, String kind, Optional<Duration> retryAfter) implements Early {
        @Override
        public String label() {
            return "" + status;
        }
    }

    /** 401, as if the key were not known. */
    record WrongKey() implements Early {
        @Override
        public String label() {
            return "wrong-key";
        }
    }

    /** 429 that no waiting helps: the account is empty. */
    record Quota(String code) implements Early {
        @Override
        public String label() {
            return "quota";
        }
    }

    /** A page of HTML with status 502, as a broken gateway sends it. */
    record Html() implements Early {
        @Override
        public String label() {
            return "html";
        }
    }

    /** The connection is reset before anything is answered. */
    record Reset() implements Early {
        @Override
        public String label() {
            return "reset";
        }
    }

    /** The request is taken and never answered. */
    record Stall() implements Early {
        @Override
        public String label() {
            return "stall";
        }
    }

    /** Run, and answered properly, but only after this time. */
    record Delayed(Duration after) implements Late {
        @Override
        public String label() {
            return "delayed";
        }
    }

    /** Run, and the connection reset before a byte of the answer. */
    record LostAnswer() implements Late {
        @Override
        public String label() {
            return "lost-answer";
        }
    }

    /** Run, and never answered. */
    record Hang() implements Late {
        @Override
        public String label() {
            return "hang";
        }
    }

    /** Run, and the connection cut in the middle of the body. */
    record Half() implements Late {
        @Override
        public String label() {
            return "half";
        }
    }

    /** Run, and answered with status 200 and a body that is not JSON. */
    record InvalidJson() implements Late {
        @Override
        public String label() {
            return "invalid-json";
        }
    }

    /** Run, and answered with status 200 and no body. */
    record Empty() implements Late {
        @Override
        public String label() {
            return "empty";
        }
    }

    /** Run, and answered properly, but in small pieces over this time. */
    record SlowBody(Duration over) implements Late {
        @Override
        public String label() {
            return "slow-body";
        }
    }
}
