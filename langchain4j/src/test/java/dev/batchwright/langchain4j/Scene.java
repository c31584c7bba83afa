package dev.batchwright.langchain4j;

import dev.batchwright.Batchwright;
import dev.batchwright.JobSpec;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.job.Mode;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.BatchEntry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A program with LangChain4j, and a provider whose batches take a blink. */
final class Scene implements AutoCloseable {
    private static final double SECONDS_IN_A_SECOND = 50;

    final Simulator server;
    private final Path directory;
    private Collector collector;
    private Batchwright batchwright;

    Scene(Path directory, UnaryOperator<SimulatorOptions.Builder> setting) {
        this.directory = directory;
        this.server =
                Simulator.start(
                        setting.apply(
                                        SimulatorOptions.builder()
                                                .key("sk-test")
                                                .eventLoops(1)
                                                .timeScale(SECONDS_IN_A_SECOND))
                                .build());
        this.collector = collector(o -> o);
        this.batchwright = batchwright();
    }

    private Collector collector(UnaryOperator<CollectorOptions.Builder> setting) {
        return Collector.open(
                setting.apply(
                                CollectorOptions.builder()
                                        .baseUrl(server.baseUrl())
                                        .provider("openai")
                                        .store(store())
                                        .batchWindow(Duration.ofMillis(200))
                                        .pollInterval(Duration.ofMillis(20)))
                        .build(),
                Map.of("OPENAI_API_KEY", "sk-test"));
    }

    private Batchwright batchwright() {
        return Batchwright.builder()
                .directory(directory)
                .store(store())
                .variable("OPENAI_API_KEY", "sk-test")
                .open();
    }

    private String store() {
        return directory.resolve("store.db").toString();
    }

    /** Ends the program and starts it again. */
    void restart(UnaryOperator<CollectorOptions.Builder> setting) {
        collector.close();
        batchwright.close();
        collector = collector(setting);
        batchwright = batchwright();
    }

    BatchingChatModel.Builder chat() {
        return BatchingChatModel.builder().collector(collector).modelName("gpt-4o-mini");
    }

    BatchingEmbeddingModel.Builder embeddings() {
        return BatchingEmbeddingModel.builder()
                .collector(collector)
                .modelName("text-embedding-3-small");
    }

    JobChatModel chatJobs(String name) {
        return new JobChatModel(batchwright, name, job -> here(job).model("gpt-4o-mini"));
    }

    JobEmbeddingModel embeddingJobs(String name) {
        return new JobEmbeddingModel(
                batchwright, name, job -> here(job).model("text-embedding-3-small"));
    }

    private JobSpec<String> here(JobSpec<String> job) {
        return job.provider("openai")
                .baseUrl(server.baseUrl())
                .mode(Mode.BATCH)
                .pollInterval(Duration.ofMillis(20));
    }

    /** Waits for a job of any name. */
    void await(String id) throws InterruptedException {
        batchwright.job(id).orElseThrow().await();
    }

    /** How many requests each batch had that was created. */
    List<Long> batchSizes() {
        return server.bill().batches().stream().map(BatchEntry::requests).sorted().toList();
    }

    @Override
    public void close() {
        collector.close();
        batchwright.close();
        server.close();
    }
}
