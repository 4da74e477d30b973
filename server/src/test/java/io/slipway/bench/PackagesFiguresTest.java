package io.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.slipway.bench.PackagesFigures.Overhead;
import io.slipway.bench.PackagesFigures.Pair;
import io.slipway.bench.PackagesFigures.Step;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PackagesFiguresTest {
    private static final PackagesFigures FIGURES = new PackagesFigures(
            List.of("ovn", "raft"),
            new Step(312.456, 100 << 10, OptionalLong.of(1034L << 20), List.of("openvswitch", "ovn", "raft")),
            new Step(0.62, 80 << 10, OptionalLong.empty(), List.of()),
            0.25,
            0.0371,
            new Step(120, 99 << 10, OptionalLong.empty(), List.of("ovn")),
            "patches/ovs-4.0.patch of ovn",
            new Overhead("raft", List.of(new Pair(10, 11), new Pair(20.6, 20), new Pair(90, 80)), true));

    @Test
    void theMiddleOneIsTaken() {
        assertThat(PackagesFigures.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(PackagesFigures.median(List.of(4.0, 100.0, 0.0, 2.0))).isEqualTo(3.0);
        assertThat(PackagesFigures.median(List.of(7.0))).isEqualTo(7.0);
    }

    @Test
    void figuresAreATable() {
        assertThat(FIGURES.text()).isEqualTo("""
                ovn raft                   s  slipway MiB   build MiB  built
                cold                  312.46          100        1034  openvswitch, ovn, raft
                nothing changed         0.62           80           -  -
                one patch changed     120.00           99           -  ovn
                Changed was patches/ovs-4.0.patch of ovn. MiB: most at a time; of slipway itself with -Xmx256m, and of the \
                build that took most, with the files that it had in memory.
                Nothing changed: 0.62 s as a new process (of which 0.25 s is Java's start), 0.04 s inside a running one \
                (aim: below 1).
                The sandbox around raft: 20.60 s, by hand in the same root 20.00 s, ratio 1.030 (aim: at most 1.05); \
                medians of 3. Both made the same bytes.
                """);
    }

    @Test
    void whatDiffersIsSaid() {
        var differing = new PackagesFigures(
                FIGURES.names(),
                FIGURES.cold(),
                FIGURES.unchanged(),
                0,
                0,
                FIGURES.changed(),
                "x",
                new Overhead("raft", List.of(new Pair(1, 1)), false));
        assertThat(differing.text()).contains("ratio 1.000", "medians of 1. What they made differs.\n");
    }

    @Test
    void programsGetTheSameFigures() throws Exception {
        JsonNode node = new ObjectMapper().readTree(FIGURES.json());
        assertThat(node.at("/names/1").asText()).isEqualTo("raft");
        assertThat(node.at("/cold/seconds").asDouble()).isEqualTo(312.456);
        assertThat(node.at("/cold/peakMemory").asLong()).isEqualTo(100L << 20);
        assertThat(node.at("/cold/buildMemory").asLong()).isEqualTo(1034L << 20);
        assertThat(node.at("/cold/built")).hasSize(3);
        assertThat(node.at("/unchanged/built")).isEmpty();
        assertThat(node.at("/unchanged").has("buildMemory")).isFalse();
        assertThat(node.at("/unchanged/inside").asDouble()).isEqualTo(0.0371);
        assertThat(node.at("/changed/change").asText()).isEqualTo("patches/ovs-4.0.patch of ovn");
        assertThat(node.at("/overhead/ratio").asDouble()).isEqualTo(1.03);
        assertThat(node.at("/overhead/pairs/2/byHand").asDouble()).isEqualTo(80);
        assertThat(node.at("/overhead/sameBytes").asBoolean()).isTrue();
    }
}
