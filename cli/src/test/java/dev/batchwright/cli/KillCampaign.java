package dev.batchwright.cli;

import dev.batchwright.cli.KillTrial.Death;
import dev.batchwright.cli.KillTrial.Format;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Kills runs of the batch lane at every step, starts them again with the same command, and lets the
 * simulator's bill be the judge: each item paid once, none lost, each joined to its own answer.
 *
 * <p>First a run without a kill shows which points a job of a format comes by: before and after
 * each commit, each request and each answer, and each 250th line of results. Then points are taken
 * in an order of chance, those at places where nobody died yet first: some of them alone in their
 * job, the others several in a job, together with moments of chance.
 */
@Command(name = "kill-campaign", mixinStandardHelpOptions = true)
final class KillCampaign implements Callable<Integer> {
    /** So many of all kills are the only one of their job. */
    private static final double ALONE = 0.25;

    private static final int MOST_IN_SERIES = 7;

    /** Steps that time decides how often they come: the first times of them are like all others. */
    private static final int REPEATS = 2;

    @Option(names = "--kills", defaultValue = "500")
    int kills = 500;

    @Option(names = "--items", defaultValue = "1500")
    int items = 1500;

    @Option(names = "--seed", description = "Of which points are taken, and of all chance.")
    long seed = new Random().nextInt(1_000_000_000);

    @Option(names = "--formats", split = ",")
    List<String> formats = Format.ALL.stream().map(Format::provider).toList();

    @Option(names = "--parallel", description = "Jobs at once.", defaultValue = "2")
    int parallel = 2;

    @Option(
            names = "--only",
            paramLabel = "POINT",
            description = "Kills at this point alone, such as 'after advance Creating#1'.")
    List<String> only = List.of();

    private final PrintStream out;
    private final Path top;

    private volatile Optional<QuickStart> start = Optional.empty();

    // Under this object's lock.
    private final Queue<Plan> single = new ArrayDeque<>();
    private final Map<Format, List<KillPoint>> points = new LinkedHashMap<>();
    private final Map<Format, Queue<KillPoint>> ahead = new LinkedHashMap<>();
    private final Map<Format, Integer> hits = new LinkedHashMap<>();
    private final Map<String, Integer> places = new TreeMap<>();
    private int planned;
    private int passed;
    private int failed;
    private int missed;
    private int hit;

    /** A job and how its processes die. */
    private record Plan(int number, Format format, List<Death> deaths) {}

    KillCampaign(PrintStream out, Path top) {
        this.out = out;
        this.top = top;
    }

    public static void main(String[] args) throws IOException {
        Path top = Files.createTempDirectory("batchwright-kills-");
        int code = new CommandLine(new KillCampaign(System.out, top)).execute(args);
        if (code == 0) {
            delete(top);
        }
        System.exit(code);
    }

    @Override
    public Integer call() throws Exception {
        Instant began = Instant.now();
        out.printf("kill campaign: --kills %d --items %d --seed %d%n", kills, items, seed);
        List<Format> chosen = formats.stream().map(Format::named).toList();
        start = Optional.of(QuickStart.prepare(top.resolve("java")));
        try (ExecutorService workers = Executors.newFixedThreadPool(parallel)) {
            await(chosen.stream().map(format -> workers.submit(() -> explore(format))).toList());
            int share = kills / Math.max(1, chosen.size());
            points.forEach((format, known) -> planSingle(format, known, share));
            await(
                    Collections.nCopies(parallel, 0).stream()
                            .map(any -> workers.submit(this::work))
                            .toList());
        }
        out.printf(
                "kill campaign: places: %s%n",
                places.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")));
        out.printf(
                "kill campaign: %d kills at %d places (%s), %d jobs: %d passed, %d failed; %d s,"
                        + " seed %d%n",
                hit,
                places.size(),
                hits.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")),
                passed + failed,
                passed,
                failed,
                Duration.between(began, Instant.now()).toSeconds(),
                seed);
        return failed == 0 && (hit >= kills || !only.isEmpty()) ? 0 : 1;
    }

    private QuickStart java() {
        return start.orElseThrow();
    }

    private static void await(List<? extends Future<?>> tasks) throws Exception {
        for (Future<?> task : tasks) {
            Object unused = task.get();
        }
    }

    /** Finds the points of a format. */
    private Void explore(Format format) throws Exception {
        Path folder = top.resolve(format + "-points");
        try (var trial = new KillTrial(java(), format, items, seed, folder)) {
            List<KillPoint> known = trial.points();
            synchronized (this) {
                points.put(format, known);
                out.printf("%s: %d points without a kill%n", format, known.size());
            }
        }
        delete(folder);
        return null;
    }

    /** The first times of all places come first, then the second ones, and so on. */
    private void planSingle(Format format, List<KillPoint> known, int share) {
        if (!only.isEmpty()) {
            only.forEach(point -> add(format, new Death.At(KillPoint.parse(point))));
            return;
        }
        var shuffled = new ArrayList<>(known);
        shuffled.removeIf(point -> point.nth() > REPEATS && isRepeated(point));
        Collections.shuffle(shuffled, new Random(seed));
        shuffled.sort(Comparator.comparingInt(KillPoint::nth));
        var order = new ArrayDeque<>(shuffled);
        ahead.put(format, order);
        for (int i = 0; i < share * ALONE && !order.isEmpty(); i++) {
            add(format, new Death.At(order.remove()));
        }
    }

    private static boolean isRepeated(KillPoint point) {
        return point.place().matches("(before|after) (claim .*|note|renew)")
                || point.place().matches("(request|answer) GET .*");
    }

    private void add(Format format, Death death) {
        single.add(new Plan(planned++, format, List.of(death)));
    }

    private synchronized Optional<Plan> next() {
        if (!single.isEmpty()) {
            return Optional.of(single.remove());
        }
        if (hit >= kills || !only.isEmpty() || failed > 20) {
            return Optional.empty();
        }
        Format format = fewestHits();
        var chance = new Random(seed * 31 + planned);
        return Optional.of(new Plan(planned++, format, series(format, chance)));
    }

    private Format fewestHits() {
        return points.keySet().stream()
                .min(Comparator.comparing(format -> hits.getOrDefault(format, 0)))
                .orElseThrow();
    }

    /** Some deaths, in the order in which a job comes by: most at points, some at a moment. */
    private List<Death> series(Format format, Random chance) {
        List<KillPoint> known = points.getOrDefault(format, List.of());
        Queue<KillPoint> order = ahead.getOrDefault(format, new ArrayDeque<>());
        var taken = new TreeMap<Integer, Death>();
        int deaths = 2 + chance.nextInt(MOST_IN_SERIES - 1);
        for (int i = 0; i < deaths; i++) {
            if (chance.nextInt(6) == 0) {
                taken.put(
                        chance.nextInt(known.size()), new Death.After(300 + chance.nextInt(2_500)));
            } else {
                KillPoint point =
                        order.isEmpty() ? known.get(chance.nextInt(known.size())) : order.remove();
                taken.put(known.indexOf(point), new Death.At(early(point)));
            }
        }
        return List.copyOf(taken.values());
    }

    // The later times of a place may not come again in a process that takes the job up.
    private static KillPoint early(KillPoint point) {
        return new KillPoint(point.place(), Math.min(point.nth(), REPEATS));
    }

    private Void work() throws Exception {
        for (var plan = next(); plan.isPresent(); plan = next()) {
            carryOut(plan.get());
        }
        return null;
    }

    private void carryOut(Plan plan) throws Exception {
        Path folder = top.resolve(plan.number() + "-" + plan.format());
        boolean good = false;
        List<String> died = List.of();
        try (var trial =
                new KillTrial(java(), plan.format(), items, seed + plan.number(), folder)) {
            try {
                trial.run(plan.deaths());
                good = true;
            } catch (KillTrial.Broken | RuntimeException | IOException e) {
                out.printf(
                        "%s FAILED, killed at %s of %s; kept in %s%n%s%n",
                        plan.format(), trial.kills(), plan.deaths(), folder, e);
            }
            died = trial.kills();
        }
        if (good) {
            delete(folder);
        }
        count(plan, good, died);
    }

    private synchronized void count(Plan plan, boolean good, List<String> died) {
        passed += good ? 1 : 0;
        failed += good ? 0 : 1;
        hit += died.size();
        missed += plan.deaths().size() - died.size();
        hits.merge(plan.format(), died.size(), Integer::sum);
        for (String death : died) {
            places.merge(death.replaceAll("#.*|(?<=after) \\d+(?= ms)", ""), 1, Integer::sum);
        }
        if ((passed + failed) % 20 == 0) {
            out.printf(
                    "%d jobs, %d kills, %d failed, %d points not met, %d planned%n",
                    passed + failed, hit, failed, missed, single.size());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
