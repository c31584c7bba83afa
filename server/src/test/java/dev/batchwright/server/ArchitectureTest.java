package dev.batchwright.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls between the packages of the server; each is a face, or what faces stand on. */
@AnalyzeClasses(packages = "dev.batchwright.server", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule FACES_FORM_NO_CYCLES =
            slices().matching("dev.batchwright.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_EDGE_KNOWS_NO_STORE_AND_NO_ENGINE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.batchwright.server.edge..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.batchwright.store..", "dev.batchwright.engine..");

    @ArchTest
    static final ArchRule WHO_CALLS_IS_DECIDED_WITHOUT_A_SERVER =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.batchwright.server.access..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.vertx..");
}
