package dev.batchwright.server.edge;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** With which methods each path may be asked. What can be got can be asked for its head. */
final class Methods {
    private static final String PARAMETER = ":";

    private final List<Mounted> mounted;

    private record Mounted(List<String> segments, Set<HttpMethod> methods) {
        boolean fits(List<String> path) {
            if (path.size() != segments.size()) {
                return false;
            }
            for (int i = 0; i < path.size(); i++) {
                String segment = segments.get(i);
                if (!segment.startsWith(PARAMETER) && !segment.equals(path.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    private Methods(List<Mounted> mounted) {
        this.mounted = List.copyOf(mounted);
    }

    /** Of all that is mounted by now. */
    static Methods of(Router router) {
        var mounted = new ArrayList<Mounted>();
        for (Route route : router.getRoutes()) {
            Set<HttpMethod> methods = route.methods();
            if (route.getName() == null || methods == null) {
                continue;
            }
            if (methods.contains(HttpMethod.GET)) {
                route.method(HttpMethod.HEAD);
            }
            mounted.add(new Mounted(segments(route.getName()), Set.copyOf(route.methods())));
        }
        return new Methods(mounted);
    }

    private static List<String> segments(String path) {
        return List.of(path.split("/", -1));
    }

    /** As the header {@code Allow} lists them. */
    String allowed(String path) {
        var names = new TreeSet<String>(Set.of(HttpMethod.OPTIONS.name()));
        List<String> asked = segments(path);
        for (Mounted each : mounted) {
            if (each.fits(asked)) {
                each.methods.forEach(method -> names.add(method.name()));
            }
        }
        return String.join(", ", names);
    }
}
