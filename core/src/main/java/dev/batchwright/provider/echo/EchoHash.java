package dev.batchwright.provider.echo;

/** A number for some bytes, the same for ever: FNV-1a, its bits mixed afterwards. */
final class EchoHash {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private EchoHash() {}

    static long of(byte[] bytes) {
        long hash = OFFSET;
        for (byte b : bytes) {
            hash = (hash ^ (b & 0xff)) * PRIME;
        }
        return mixed(hash);
    }

    static long of(CharSequence text) {
        long hash = OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
        }
        return mixed(hash);
    }

    /** The finalizer of SplitMix64: close inputs give distant outputs. */
    static long mixed(long hash) {
        long z = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** From 0 up to, but without, 1. */
    static double unit(long hash) {
        return (hash >>> 11) * 0x1.0p-53;
    }
}
