package io.slipway.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.inventory.Slackware;
import io.slipway.problem.ProblemException;
import io.slipway.slackware.PackageFileName;
import io.slipway.slackware.PackagesTxt;
import io.slipway.slackware.Tagfile;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelectionTest {
    private static PackagesTxt.Entry entry(String location, String file) {
        return new PackagesTxt.Entry(PackageFileName.find(file).orElseThrow(), location, 1, 2, "", List.of());
    }

    private static final PackagesTxt TREE = new PackagesTxt(Stream.of(
                    entry("slackware64/a", "bash-5.2-x86_64-1.txz"),
                    entry("slackware64/a", "aaa_base-15.1-x86_64-2.txz"),
                    entry("slackware64/n", "wget-1.24-x86_64-1.txz"),
                    entry("slackware64/n", "openssh-9.8-x86_64-1.txz"),
                    entry("slackware64/d", "binutils-2.42-x86_64-1.txz"),
                    entry("slackware64/d", "gcc-go-14-x86_64-1.txz"),
                    entry("slackware64/a", "mkinitrd-1.4-x86_64-1.txz"),
                    entry("testing/packages", "bash-6.0-x86_64-1.txz"))
            .toList());

    private static Slackware wish(List<String> series, List<String> add, List<String> skip) {
        return new Slackware("/m", "s", Slackware.Verify.SIGNATURE, "", series, add, skip, "");
    }

    private static List<String> files(Selection selection) {
        return selection.packages().stream().map(entry -> entry.file().name()).toList();
    }

    @Test
    void seriesInTheirOrderAndGlobOrderWithin() {
        assertThat(files(Selection.of(wish(List.of("a", "n"), List.of("binutils"), List.of()), TREE, Map.of())))
                .containsExactly("aaa_base", "bash", "mkinitrd", "openssh", "wget", "binutils");
    }

    @Test
    void tagfilesAreCompleteSoThatNothingUnlistedIsInstalled() {
        var selection = Selection.of(wish(List.of("a", "n", "d"), List.of(), List.of("gcc-go")), TREE, Map.of());
        assertThat(selection.tagfiles().get("d")).hasToString("Tagfile[priorities={binutils=ADD, gcc-go=SKP}]");
        assertThat(selection.tagfiles().keySet()).containsExactly("a", "d", "n");
    }

    @Test
    void packagesOfOtherTreesOfTheSameNameDoNotCount() {
        assertThat(Selection.of(wish(List.of("a", "n", "d"), List.of(), List.of()), TREE, Map.of())
                        .packages())
                .noneMatch(entry -> entry.location().startsWith("testing"));
    }

    @Test
    void initrdToolsWithoutTheirOwnToolsAreRefusedWithTheFix() {
        assertThatThrownBy(() -> Selection.of(wish(List.of("a", "n"), List.of(), List.of()), TREE, Map.of()))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("\"mkinitrd\" needs \"binutils\"")
                .hasMessageContaining("slackware.add");
    }

    @Test
    void unknownNamesAndSeriesAreAllReported() {
        assertThatThrownBy(() -> Selection.of(
                        wish(List.of("a", "n", "q"), List.of("binutils", "nonesuch"), List.of("bash")), TREE, Map.of()))
                .hasMessageContaining("\"q\"")
                .hasMessageContaining("\"nonesuch\"")
                .hasMessageContaining("\"bash\"");
    }

    @Test
    void tagfileOfAnotherSnapshotIsRefused() {
        var old = Tagfile.parse("aaa_base:ADD\nbash:ADD\nlilo:SKP\n", "tagfile");
        assertThatThrownBy(
                        () -> Selection.of(wish(List.of("a", "n", "d"), List.of(), List.of()), TREE, Map.of("a", old)))
                .hasMessageContaining("lilo")
                .hasMessageContaining("says nothing about: mkinitrd");
    }
}
