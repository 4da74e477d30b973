package io.slipway.slackware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.archive.ArchiveEntry;
import io.slipway.archive.ByteSource;
import io.slipway.archive.FileMode;
import io.slipway.archive.PackageTarReader;
import io.slipway.archive.ReadLimits;
import io.slipway.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlackwarePackageTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");
    static final List<ArchiveEntry> ENTRIES = List.of(
            ArchiveEntry.file("etc/x.conf", FileMode.OF_644, ByteSource.of("x=1\n")),
            ArchiveEntry.symlink("usr/lib64/libx.so", "libx.so.1"),
            ArchiveEntry.symlink("top", "usr/lib64"),
            ArchiveEntry.file("usr/sbin/x", FileMode.OF_755, ByteSource.of("#!/bin/sh\n")));

    static SlackwarePackage sample(List<ArchiveEntry> entries, String doinst) {
        return new SlackwarePackage(
                PackageFileName.parse("slipway-node-node1-1-noarch-1_slipway.txz"),
                SlackDesc.of("slipway-node-node1", "what node1 gets", "Made by Slipway from cluster.yaml."),
                entries,
                doinst);
    }

    @Test
    void linksAreMadeByDoinstBeforeAnythingElseRuns() throws IOException {
        Map<String, String> members = members(sample(ENTRIES, "chroot . /sbin/ldconfig\n"));
        assertThat(members.keySet())
                .containsExactly(
                        "etc",
                        "etc/x.conf",
                        "install",
                        "install/doinst.sh",
                        "install/slack-desc",
                        "usr",
                        "usr/lib64",
                        "usr/sbin",
                        "usr/sbin/x");
        assertThat(members.get("install/doinst.sh")).isEqualTo("""
                        ( cd . ; rm -rf top )
                        ( cd . ; ln -sf usr/lib64 top )
                        ( cd usr/lib64 ; rm -rf libx.so )
                        ( cd usr/lib64 ; ln -sf libx.so.1 libx.so )
                        chroot . /sbin/ldconfig
                        """);
        assertThat(DoinstSymlinks.parse(String.valueOf(members.get("install/doinst.sh"))))
                .containsExactly(
                        new ArchiveEntry.Symlink("top", "usr/lib64"),
                        new ArchiveEntry.Symlink("usr/lib64/libx.so", "libx.so.1"));
    }

    @Test
    void withoutLinksAndScriptThereIsNoDoinst() throws IOException {
        assertThat(members(sample(List.of(ENTRIES.get(0)), ""))).doesNotContainKey("install/doinst.sh");
    }

    @Test
    void slackDescHasElevenLinesUnderARuler() {
        var description = SlackDesc.of("x", "a thing", "word ".repeat(60));
        List<String> lines = description.text().lines().toList();
        assertThat(lines.stream().filter(line -> line.startsWith("x:"))).hasSize(11);
        assertThat(lines).contains("x: x (a thing)", "x:");
        int ruler = lines.stream()
                .filter(line -> line.contains("handy-ruler"))
                .findFirst()
                .orElseThrow()
                .length();
        assertThat(lines.stream().filter(line -> line.startsWith("x:"))).allMatch(line -> line.length() <= ruler + 1);
        assertThat(SlackDesc.parse(description.text(), "x").lines()).hasSize(11).startsWith("x (a thing)", "");
    }

    @Test
    void aSlackDescWithoutLinesOfThePackageIsRefused() {
        assertThatThrownBy(() -> SlackDesc.parse("y: text\n", "x")).hasMessageContaining("\"x:\"");
    }

    @Test
    void anyOrderGivesTheSameBytes() throws IOException {
        byte[] expected = bytes(sample(ENTRIES, ""));
        for (int seed = 0; seed < 5; seed++) {
            var shuffled = new ArrayList<>(ENTRIES);
            Collections.shuffle(shuffled, new Random(seed));
            assertThat(bytes(sample(shuffled, ""))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"usr/a b,x", "usr/a,b c", "usr/$(id),x", "usr/a,x;id", "usr/-rf,x", "~x,y", "usr/(,x", "usr/a,'b''c'"})
    void linksThatShellWouldMisreadAreRefused(String path, String target) {
        assertThatThrownBy(() -> DoinstSymlinks.text(List.of(new ArchiveEntry.Symlink(path, target))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(path);
    }

    @Test
    void onlyPairsOfLinesAreLinks() {
        assertThat(DoinstSymlinks.parse("""
                        ( cd usr ; ln -sf alone x )
                        ( cd usr ; rm -rf y )
                        ( cd usr ; ln -sf other z )
                        ( cd usr ; rm -rf good )
                        ( cd usr ; ln -sf /etc/target good )
                        ( cd .. ; rm -rf evil )
                        ( cd .. ; ln -sf x evil )
                        """)).containsExactly(new ArchiveEntry.Symlink("usr/good", "/etc/target"));
    }

    @Test
    void installBelongsToPkgtools() {
        assertThatThrownBy(
                        () -> sample(List.of(ArchiveEntry.file("install/x", FileMode.OF_644, ByteSource.of(""))), ""))
                .hasMessageContaining("install/x");
    }

    @Test
    void aLinkWithChildrenIsRefused() {
        var entries = new ArrayList<>(ENTRIES);
        entries.add(ArchiveEntry.file("top/y", FileMode.OF_644, ByteSource.of("")));
        assertThatThrownBy(() -> sample(entries, "").members()).hasMessageContaining("\"top\" is not a directory");
    }

    private static Map<String, String> members(SlackwarePackage made) throws IOException {
        var members = new LinkedHashMap<String, String>();
        PackageTarReader.read(new ByteArrayInputStream(bytes(made)), "x.txz", ReadLimits.PACKAGE, entry -> {
            String content = "";
            if (entry instanceof ArchiveEntry.File file) {
                try (var in = file.content().open()) {
                    content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                }
            }
            members.put(entry.path(), content);
        });
        return members;
    }

    private static byte[] bytes(SlackwarePackage made) throws IOException {
        var out = new ByteArrayOutputStream();
        made.write(out, TIME, 1);
        return out.toByteArray();
    }
}
