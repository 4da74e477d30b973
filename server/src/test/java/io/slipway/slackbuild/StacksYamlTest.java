package io.slipway.slackbuild;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.Repository;
import io.slipway.problem.ProblemException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StacksYamlTest {
    private static final String SMALL = """
            stacks:
              ovn:
                description: Open vSwitch and OVN
                slackbuilds: [openvswitch, ovn]
                series: [a, ap, d, l, n]
            slackbuilds:
              go:
                provides: [google-go-lang]
                conflicts: [gcc-go]
                buildOnly: true
              ovn:
                requires: [openvswitch]
            slackware:
              spice-gtk: spice
            """;

    private static String problems(String text) {
        try {
            StacksYaml.read(text, "stacks.yaml");
        } catch (ProblemException e) {
            return String.valueOf(e.getMessage());
        }
        return "";
    }

    private static String small(String from, String to) {
        assertThat(SMALL).contains(from);
        return SMALL.replace(from, to);
    }

    @Test
    void everythingThatItMaySayIsRead() {
        Stacks stacks = StacksYaml.read(SMALL, "stacks.yaml");
        Stack ovn = stacks.stacks().get("ovn");
        assertThat(ovn).isNotNull();
        assertThat(ovn.slackbuilds())
                .containsExactly(
                        new Mention("openvswitch", "stacks.yaml:4:19"), new Mention("ovn", "stacks.yaml:4:32"));
        assertThat(ovn.series()).containsExactly("a", "ap", "d", "l", "n");
        assertThat(stacks.supplements().get("go"))
                .isEqualTo(new Supplement(
                        List.of(),
                        List.of(new Mention("google-go-lang", "stacks.yaml:8:16")),
                        List.of(new Mention("gcc-go", "stacks.yaml:9:17")),
                        true));
        assertThat(stacks.slackware().get("spice-gtk")).isEqualTo(new Mention("spice", "stacks.yaml:14:3"));
        assertThat(stacks.findStackOf("ovn")).contains(ovn);
        assertThat(stacks.findStackOf("go")).isEmpty();
    }

    @Test
    void theShippedOneNamesEveryStack() throws Exception {
        var file = Repository.root().resolve("slackbuilds/stacks.yaml");
        assertThat(StacksYaml.read(Files.readString(file), "stacks.yaml")
                        .stacks()
                        .keySet())
                .containsExactly("storage", "ovn", "incus", "qemu", "boot");
    }

    @Test
    void unknownKeysAreSaidWithTheNearest() {
        assertThat(problems(small("    series:", "    serie:")))
                .contains("stacks.yaml:5:5: stacks.ovn.serie is not a key that exists here")
                .contains("Did you mean \"series\"?")
                .contains("stacks.ovn.series is missing");
    }

    @Test
    void everythingIsSaidAtOnce() {
        assertThat(problems(small("requires: [openvswitch]", "requires: [ovn, a b]")
                        .replace("conflicts: [gcc-go]", "conflicts: [gcc-go, gcc-go]")))
                .contains("stacks.yaml:12:16: slackbuilds.ovn.requires[0] is the SlackBuild itself")
                .contains("stacks.yaml:12:21: slackbuilds.ovn.requires[1] is \"a b\"")
                .contains("stacks.yaml:9:25: slackbuilds.go.conflicts[1] is gcc-go, which stands in this list already");
    }

    @Test
    void aSlackBuildStandsInOneStack() {
        assertThat(problems(small(
                        "slackbuilds:\n  go",
                        "  more:\n    description: x\n    slackbuilds: [ovn]\n"
                                + "    series: [a]\nslackbuilds:\n  go")))
                .contains("stacks.yaml:8:19: stacks.more.slackbuilds[0] is ovn, which stands in the stack ovn already");
    }

    @Test
    void aNameIsProvidedOnce() {
        assertThat(problems(small("requires: [openvswitch]", "provides: [google-go-lang]")))
                .contains("is google-go-lang, which go provides already");
    }

    @Test
    void whatIsRequiredCannotConflict() {
        assertThat(problems(small("requires: [openvswitch]", "requires: [a]\n    conflicts: [a]")))
                .contains("slackbuilds.ovn.conflicts[0] is a, which it requires too");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "stacks",
                "stacks: [",
                "stacks: []",
                "stacks: {ovn: {description: x, slackbuilds: [../ovn], series: [a]}}",
                "stacks: {ovn: {description: x, slackbuilds: [ovn], series: [../a]}}",
                "stacks: {../ovn: {description: x, slackbuilds: [ovn], series: [a]}}",
                "stacks: {ovn: {description: x, slackbuilds: [ovn], series: []}}",
                "stacks: {}\nslackware: {a: 'b c'}",
                "stacks: {}\nslackware: [a]",
                "stacks: &a {ovn: *a}",
                "stacks: \u0000"
            })
    void nonsenseIsRefusedWithItsFile(String text) {
        assertThat(problems(text)).contains("stacks.yaml").contains("Do: ");
    }
}
