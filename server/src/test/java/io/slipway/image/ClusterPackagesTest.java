package io.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.problem.ProblemException;
import io.slipway.slackware.PackageFileName;
import io.slipway.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClusterPackagesTest {
    static Compiled.Item item(String fullName, String... conflicts) {
        PackageFileName file = PackageFileName.parse(fullName + ".txz");
        return new Compiled.Item(
                file.name(),
                file,
                Path.of("/kept", file.fileName()),
                Sha256.of(fullName.getBytes(StandardCharsets.UTF_8)),
                List.of(),
                List.of(),
                Set.of(conflicts));
    }

    private static Compiled.Missing missing(String name) {
        return new Compiled.Missing(name, name, List.of("it was never built"), Set.of());
    }

    private static ClusterPackages resolve(List<Compiled.Wanted> compiled, String... local) {
        return ClusterPackages.of(
                new Compiled(compiled, List.of(), "slipway packages build"),
                Arrays.stream(local)
                        .map(name -> PackageFileName.parse(name + ".txz"))
                        .toList());
    }

    private static List<String> names(ClusterPackages packages) {
        return packages.choices().stream()
                .map(choice -> (choice.compiled().isPresent() ? "compiled " : "local ") + choice.name())
                .toList();
    }

    private static List<Compiled.Wanted> three() {
        return List.of(item("raft-1-x86_64-1"), item("cowsql-1-x86_64-1"), item("incus-6-x86_64-1"));
    }

    @Test
    void compiledOnesKeepTheirOrderAndLocalOnesFollow() {
        ClusterPackages resolved = resolve(three(), "aaa-1-x86_64-1");
        assertThat(names(resolved)).containsExactly("compiled raft", "compiled cowsql", "compiled incus", "local aaa");
        assertThat(resolved.notes()).isEmpty();
        assertThat(resolved.displaced()).isEmpty();
    }

    @Test
    void withoutStacksLocalOnesAreWhatTheyWere() {
        assertThat(names(ClusterPackages.of(
                        Compiled.NONE,
                        List.of(PackageFileName.parse("b-1-x86_64-1.txz"), PackageFileName.parse("c-1-x86_64-1.txz")))))
                .containsExactly("local b", "local c");
    }

    @Test
    void localOneWinsAtThePlaceOfTheCompiledOneAndThatIsSaid() {
        ClusterPackages resolved = resolve(three(), "aaa-1-x86_64-1", "raft-9-x86_64-1_me");
        assertThat(names(resolved)).containsExactly("local raft", "compiled cowsql", "compiled incus", "local aaa");
        assertThat(resolved.notes()).containsExactly("The local package raft takes the place of the compiled one.");
    }

    @Test
    void ofOneNameTheLaterWinsAndThatIsSaid() {
        ClusterPackages resolved =
                resolve(List.of(item("incus-6-x86_64-1"), item("raft-1-x86_64-1"), item("incus-7-x86_64-1")));
        assertThat(resolved.choices())
                .extracting(choice -> choice.compiled().orElseThrow())
                .containsExactly(item("raft-1-x86_64-1"), item("incus-7-x86_64-1"));
        assertThat(resolved.notes()).singleElement().asString().contains("incus", "same name");
    }

    @Test
    void ofTwoThatConflictTheLaterWinsWhicheverSaysSo() {
        for (List<Compiled.Wanted> both : List.<List<Compiled.Wanted>>of(
                List.of(item("google-go-lang-1-x86_64-1", "go"), item("go-1-x86_64-1")),
                List.of(item("google-go-lang-1-x86_64-1"), item("go-1-x86_64-1", "google-go-lang")))) {
            ClusterPackages resolved = resolve(both);
            assertThat(names(resolved)).containsExactly("compiled go");
            assertThat(resolved.notes()).singleElement().asString().contains("google-go-lang", "conflicts");
            // The one that gave way displaces nothing.
            assertThat(resolved.displaced()).doesNotContainKey("go");
        }
    }

    @Test
    void localOneWinsOverACompiledOneThatConflictsWithIt() {
        ClusterPackages resolved =
                resolve(List.of(item("go-1-x86_64-1", "gcc-go", "google-go-lang")), "google-go-lang-1-x86_64-1");
        assertThat(names(resolved)).containsExactly("local google-go-lang");
        assertThat(resolved.notes()).singleElement().asString().contains("go is left out", "google-go-lang");
        assertThat(resolved.displaced()).isEmpty();
    }

    @Test
    void slackwaresGivesWayToWhatItConflictsWith() {
        assertThat(resolve(List.of(item("go-1-x86_64-1", "gcc-go", "google-go-lang")))
                        .displaced())
                .containsOnlyKeys("gcc-go", "google-go-lang")
                .containsEntry("gcc-go", "it conflicts with go");
        assertThat(resolve(List.of(item("go-1-x86_64-1", "gcc-go")), "go-2-x86_64-1")
                        .displaced())
                .as("brought by hand, it is still go")
                .containsOnlyKeys("gcc-go");
    }

    @Test
    void whatIsNotCompiledIsSaidAtOnceWithReasonsAndTheCommand() {
        ClusterPackages resolved =
                resolve(List.of(missing("raft"), item("lxc-1-x86_64-1"), missing("incus")), "other-1-x86_64-1");
        assertThatThrownBy(() -> resolved.requireCompiled("slipway packages build -f cluster.yaml"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("not compiled: raft, incus.")
                .hasMessageContaining("slipway packages build -f cluster.yaml raft incus\n")
                .hasMessageContaining("raft: it was never built");
    }

    @Test
    void whatIsBroughtNeedsNotBeCompiled() {
        ClusterPackages resolved = resolve(List.of(missing("raft"), item("cowsql-1-x86_64-1")), "raft-9-x86_64-1_me");
        resolved.requireCompiled("slipway packages build");
        assertThat(names(resolved)).containsExactly("local raft", "compiled cowsql");
    }
}
