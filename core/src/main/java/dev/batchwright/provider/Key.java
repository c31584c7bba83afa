package dev.batchwright.provider;

/** A key and the variable that it came from. */
public record Key(String variable, String secret) {
    /** Never the secret. */
    @Override
    public String toString() {
        return variable;
    }
}
