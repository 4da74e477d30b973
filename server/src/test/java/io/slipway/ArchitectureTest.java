package io.slipway;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The house as a drawing that fails when a wall is broken through: which package may see which, who may touch files,
 * sockets, clocks, processes, and who may use which library.
 */
class ArchitectureTest {
    private static final String BASE = "io.slipway.";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.slipway");

    /** Each package and what it may depend on, from the leaves to the edge. */
    private static final Map<String, List<String>> MAY_DEPEND_ON = new TreeMap<>(Map.ofEntries(
            // leaves
            Map.entry("problem", List.of()),
            Map.entry("inventory", List.of("problem")),
            Map.entry("yaml", List.of("problem")),
            Map.entry("inventory.yaml", List.of("inventory", "yaml", "problem")),
            Map.entry("slackware", List.of("archive", "problem")),
            Map.entry("archive", List.of("problem")),
            Map.entry("dhcp", List.of()),
            Map.entry("tftp", List.of()),
            Map.entry("ntp", List.of()),
            Map.entry("svg", List.of()),
            Map.entry("http", List.of()),
            Map.entry("lifecycle", List.of("inventory", "problem")),
            // from the cluster to what a node gets
            Map.entry("template", List.of("problem")),
            Map.entry("plan", List.of("inventory", "slackware", "archive", "template", "problem")),
            Map.entry("boot", List.of("inventory", "lifecycle", "dhcp", "problem")),
            Map.entry("slackbuild", List.of("archive", "slackware", "svg", "yaml", "problem")),
            Map.entry("slackbuild.lint", List.of("slackbuild", "slackware", "archive", "yaml", "problem")),
            // I/O: disk and processes
            Map.entry("process", List.of("problem")),
            Map.entry("store", List.of("problem")),
            Map.entry("authority", List.of("store", "problem")),
            Map.entry(
                    "slackbuild.tree",
                    List.of("slackbuild", "slackbuild.lint", "slackware", "process", "store", "problem")),
            Map.entry("mirror", List.of("inventory", "slackware", "http", "store", "authority", "process", "problem")),
            Map.entry(
                    "image",
                    List.of(
                            "inventory",
                            "slackware",
                            "archive",
                            "template",
                            "plan",
                            "store",
                            "authority",
                            "mirror",
                            "problem")),
            // SlackBuilds: each room knows nothing of the others, but the last one knows them all
            Map.entry("slackbuild.source", List.of("archive", "http", "store", "problem")),
            Map.entry("slackbuild.root", List.of("archive", "slackware", "store", "process", "problem")),
            Map.entry(
                    "slackbuild.build",
                    List.of(
                            "slackbuild",
                            "slackbuild.tree",
                            "slackbuild.source",
                            "slackbuild.root",
                            "archive",
                            "slackware",
                            "store",
                            "process",
                            "problem")),
            Map.entry("lifecycle.journal", List.of("lifecycle", "inventory", "store", "problem")),
            // I/O: network
            Map.entry(
                    "netboot",
                    List.of("inventory", "dhcp", "tftp", "ntp", "boot", "lifecycle", "lifecycle.journal", "problem")),
            Map.entry("remote", List.of("inventory", "authority", "process", "problem")),
            // forming a cluster: through process.CommandRunner, so neither SSH nor what runs on nodes is known
            Map.entry("formation", List.of("process", "problem")),
            Map.entry("formation.linstor", List.of("formation", "linstor", "inventory", "process", "problem")),
            Map.entry("formation.ovn", List.of("formation", "inventory", "process", "problem")),
            Map.entry(
                    "formation.preflight",
                    List.of("formation", "inventory", "linstor", "slackware", "process", "problem")),
            Map.entry(
                    "formation.view", List.of("formation", "formation.ovn", "inventory", "process", "svg", "problem")),
            Map.entry("formation.incus", List.of("formation", "formation.linstor", "inventory", "process", "problem")),
            Map.entry("formation.proof", List.of("formation", "formation.incus", "inventory", "process", "problem")),
            Map.entry("linstor", List.of("inventory", "problem")),
            // edges
            Map.entry(
                    "lab",
                    List.of("inventory", "slackbuild.root", "process", "store", "slackware", "archive", "problem")),
            Map.entry(
                    "app",
                    List.of(
                            "inventory",
                            "inventory.yaml",
                            "slackware",
                            "archive",
                            "plan",
                            "template",
                            // serve turns cluster.yaml into what the DHCP responders answer from
                            "dhcp",
                            "boot",
                            "lifecycle",
                            "lifecycle.journal",
                            "process",
                            "store",
                            "authority",
                            "mirror",
                            "image",
                            "netboot",
                            "remote",
                            "formation",
                            "formation.ovn",
                            "formation.linstor",
                            "linstor",
                            "formation.preflight",
                            "formation.view",
                            "formation.incus",
                            "formation.proof",
                            "problem")),
            Map.entry("bench", List.of("*")),
            Map.entry("cli", List.of("*"))));

    /** No files, sockets, processes or clocks here: values in, values out. */
    private static final List<String> PURE = List.of(
            "problem",
            "inventory",
            "slackware",
            "dhcp",
            "tftp",
            "ntp",
            "svg",
            "boot",
            "lifecycle",
            "plan",
            "slackbuild",
            "slackbuild.lint");

    /** Library packages and the only rooms that may use them. */
    private static final Map<String, List<String>> LIBRARIES = Map.ofEntries(
            Map.entry("org.yaml.snakeyaml..", List.of("yaml", "image")),
            Map.entry(
                    "com.fasterxml.jackson..",
                    List.of(
                            "inventory.yaml",
                            "lifecycle.journal",
                            "mirror",
                            "image",
                            "netboot",
                            "linstor",
                            "formation.ovn",
                            "formation.preflight",
                            "formation.view",
                            "formation.incus",
                            "formation.proof",
                            "lab",
                            // the record beside each package
                            "slackbuild.build",
                            "app",
                            "bench",
                            "cli")),
            Map.entry("freemarker..", List.of("template")),
            Map.entry("io.undertow..", List.of("netboot")),
            Map.entry("net.schmizz..", List.of("remote")),
            Map.entry("com.hierynomus..", List.of("remote")),
            Map.entry("picocli..", List.of("cli")),
            Map.entry("org.bouncycastle..", List.of("authority")),
            Map.entry("java.sql..", List.of("lifecycle.journal")),
            Map.entry("org.apache.commons.compress..", List.of("archive", "slackware")),
            Map.entry("org.tukaani..", List.of("archive")));

    @Test
    void packagesDependOnlyOnWhatTheDrawingAllows() {
        MAY_DEPEND_ON.forEach((name, allowed) -> {
            if (allowed.contains("*")) {
                return;
            }
            var forbidden = new ArrayList<String>();
            for (String other : MAY_DEPEND_ON.keySet()) {
                if (!other.equals(name) && !allowed.contains(other)) {
                    forbidden.add(BASE + other);
                }
            }
            noClasses()
                    .that()
                    .resideInAPackage(BASE + name)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden.toArray(String[]::new))
                    .allowEmptyShould(true)
                    .check(CLASSES);
        });
    }

    @Test
    void everyPackageIsInTheDrawing() {
        assertThat(CLASSES.stream()
                        .map(JavaClass::getPackageName)
                        .distinct()
                        .map(name -> name.substring(Math.min(name.length(), BASE.length())))
                        .filter(name -> !MAY_DEPEND_ON.containsKey(name)))
                .isEmpty();
    }

    @Test
    void thereAreNoCycles() {
        slices().matching("io.slipway.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        assertThat(CLASSES.stream()
                        .map(JavaClass::getPackageName)
                        .distinct()
                        .filter(name -> !CLASSES.contain(name + ".package-info")))
                .isEmpty();
    }

    @Test
    void purePackagesTouchNothingOutside() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE.stream().map(BASE::concat).toArray(String[]::new))
                .should()
                .dependOnClassesThat(are(outside()))
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> outside() {
        return DescribedPredicate.describe(
                "files, sockets, processes or clocks",
                type -> (type.getPackageName().equals("java.io")
                                && type.getSimpleName().startsWith("File"))
                        || type.getPackageName().startsWith("java.nio.file")
                        || type.getPackageName().startsWith("java.nio.channels")
                        || (type.getPackageName().equals("java.net")
                                && type.getSimpleName().contains("Socket")
                                && !type.getSimpleName().contains("Address"))
                        || type.getName().equals("java.lang.ProcessBuilder")
                        || type.getName().equals("java.time.Clock"));
    }

    @Test
    void librariesStayInTheirRooms() {
        LIBRARIES.forEach((library, rooms) -> noClasses()
                .that()
                .resideOutsideOfPackages(rooms.stream().map(BASE::concat).toArray(String[]::new))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .allowEmptyShould(true)
                .check(CLASSES));
    }

    @Test
    void onlyTheCommandLinePrintsAndExits() {
        noClasses()
                .that()
                .resideOutsideOfPackage(BASE + "cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(CLASSES);
    }

    @Test
    void namesSayWhatThingsAre() {
        classes()
                .should()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")
                .andShould()
                .haveSimpleNameNotEndingWith("Impl")
                .check(CLASSES);
    }
}
