package dev.batchwright.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The real command line, in a process that dies at a point of its store that it was told, as from a
 * {@code kill -9}; or that writes down which points there are.
 */
final class MortalMain {
    /** A {@link KillPoint}. */
    static final String KILL_AT = "kill.at";

    /** The file that the points are written to when the command is done. */
    static final String POINTS = "kill.points";

    static final int KILLED = 137;

    private MortalMain() {}

    public static void main(String[] args) throws IOException {
        Locale.setDefault(Locale.ENGLISH);
        Optional<KillPoint> end =
                Optional.ofNullable(System.getProperty(KILL_AT)).map(KillPoint::parse);
        List<String> points = new CopyOnWriteArrayList<>();
        var tripwire =
                new Tripwire(
                        point -> {
                            if (end.equals(Optional.of(point))) {
                                Runtime.getRuntime().halt(KILLED);
                            }
                            points.add(point.toString());
                        });
        Surroundings here = Surroundings.ofProcess();
        int code =
                Main.run(
                        new Surroundings(
                                here.terminal(),
                                here.variables(),
                                here.directory(),
                                here.home(),
                                tripwire::over),
                        args);
        String file = System.getProperty(POINTS);
        if (file != null) {
            Files.write(Path.of(file), points);
        }
        System.exit(code);
    }
}
