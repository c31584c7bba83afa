package dev.batchwright.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * The signal HUP, which asks a server to read its configuration again. Java has no public way to
 * hear it: {@code sun.misc.Signal} is reached by reflection, and where it is missing, or the system
 * has no such signal, nobody hears it.
 */
final class HangUp {
    private HangUp() {}

    /** Has something done, on a thread of its own, whenever the signal comes; says if it will. */
    static boolean on(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object listener =
                    Proxy.newProxyInstance(
                            HangUp.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("handle")) {
                                    action.run();
                                }
                                return null;
                            });
            Method handle = signal.getMethod("handle", signal, handler);
            handle.invoke(null, signal.getConstructor(String.class).newInstance("HUP"), listener);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException unheard) {
            return false;
        }
    }
}
