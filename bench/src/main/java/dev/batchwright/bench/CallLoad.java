package dev.batchwright.bench;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Many callers of a server at once, each with a question of its own that it wants its own answer
 * to. Arguments: words of {@link LoadPlan}, such as {@code server=http://127.0.0.1:8080 http=2
 * calls=100000}. Prints what happens as lines of JSON; the last one, {@code over}, says how many
 * answers were right.
 */
final class CallLoad {
    private static final int LOOPS = 2;

    private CallLoad() {}

    public static void main(String[] arguments) throws InterruptedException {
        LoadPlan plan = LoadPlan.of(arguments);
        var tally = new LoadTally(plan.calls());
        var number = new AtomicInteger();
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
        vertx.deployVerticle(
                        () -> new Callers(plan, tally, number.getAndIncrement(), LOOPS),
                        new DeploymentOptions().setInstances(LOOPS))
                .onFailure(
                        problem -> {
                            problem.printStackTrace();
                            System.exit(1);
                        });
        boolean all = tally.await(plan.patience().toSeconds());
        System.out.println(tally.report());
        System.exit(all ? 0 : 1);
    }
}
