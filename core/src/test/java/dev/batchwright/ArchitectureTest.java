package dev.batchwright;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The walls between the packages of core; a package below {@code dev.batchwright} is a feature. */
@AnalyzeClasses(packages = "dev.batchwright", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule FEATURES_FORM_NO_CYCLES =
            slices().matching("dev.batchwright.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule DATA_DEPENDS_ON_NOTHING_OF_OURS =
            noClasses()
                    .that()
                    .resideInAPackage("dev.batchwright.job..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.batchwright..")
                                    .and(resideOutsideOfPackage("dev.batchwright.job..")));

    @ArchTest
    static final ArchRule WHAT_CALLS_AND_DECIDES_KNOWS_NO_STORE =
            noClasses()
                    .that()
                    .resideInAnyPackage(
                            "dev.batchwright.config..",
                            "dev.batchwright.http..",
                            "dev.batchwright.input..",
                            "dev.batchwright.limit..",
                            "dev.batchwright.price..",
                            "dev.batchwright.provider..",
                            "dev.batchwright.retry..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.batchwright.store..", "dev.batchwright.engine..");

    @ArchTest
    static final ArchRule NOTHING_BELOW_KNOWS_THE_DOOR =
            noClasses()
                    .that()
                    .resideInAPackage("dev.batchwright.*..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.batchwright");

    @ArchTest
    static final ArchRule A_SCHEMA_DEPENDS_ON_JSON_ALONE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.batchwright.schema..")
                    .should()
                    .dependOnClassesThat(
                            resideOutsideOfPackages(
                                    "dev.batchwright.schema..",
                                    "dev.batchwright.job..",
                                    "tools.jackson..",
                                    "org.jspecify..",
                                    "java.."));

    @ArchTest
    static final ArchRule AN_ANSWER_DEPENDS_ON_DATA_AND_SCHEMAS_ALONE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.batchwright.answer..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.batchwright..")
                                    .and(
                                            resideOutsideOfPackages(
                                                    "dev.batchwright.answer..",
                                                    "dev.batchwright.schema..",
                                                    "dev.batchwright.job..")));

    @ArchTest
    static final ArchRule NOTHING_DEPENDS_ON_AN_EDGE =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.batchwright.cli..",
                            "dev.batchwright.server..",
                            "dev.batchwright.simulator..");
}
