package io.slipway.formation.preflight;

import io.slipway.formation.NodeScript.Answers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** What nodes of the example "lab" say of themselves, as seen on the emulated ones, with changes. */
final class Said {
    private static final String COMMON = """
            kernel=6.12.107
            cpu=QEMU TCG CPU version 2.5+
            flags=fpu sse2 vaes
            package=openvswitch-3.5.0-x86_64-1
            package=ovn-25.03.0-x86_64-1
            package=vim-9.1-x86_64-1
            socket=udp UNCONN 0 0 127.0.0.1:123 0.0.0.0:* users:(("ntpd",pid=369,fd=18))
            socket=udp UNCONN 0 0 [fe80::5054:ff:fe77:11]%cluster-br:123 [::]:* users:(("ntpd",pid=369,fd=22))
            socket=tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=363,fd=6))
            room=1099629 4096 322171 327680 /
            room=1099629 4096 322171 327680 /var
            pool=/dev/vda4|||
            """;

    private final List<String> lines = new ArrayList<>();
    private final String node;

    private Said(String node) {
        this.node = node;
    }

    /** A node as it was installed: node1 to node3. */
    static Said by(String node) {
        var said = new Said(node);
        said.lines.addAll(COMMON.lines().toList());
        return said.with("name=" + node)
                .with("package=slipway-node-" + node + "-303699a67aa9-noarch-1")
                .with("links=" + links(node, 1500));
    }

    static String links(String node, int mtu) {
        String last = node.substring(node.length() - 1);
        return """
                [{"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"addr_info":[]},
                {"ifname":"cluster-br","flags":["BROADCAST","UP","LOWER_UP"],"mtu":%d,"addr_info":[
                {"family":"inet","local":"10.77.0.1%s","prefixlen":24,"scope":"global"},
                {"family":"inet6","local":"fe80::1%s","prefixlen":64,"scope":"link","protocol":"kernel_ll"}]}]
                """.formatted(mtu, last, last).replace("\n", "");
    }

    Said with(String line) {
        lines.add(line);
        return this;
    }

    /** Without the lines of that key. */
    Said without(String key) {
        lines.removeIf(line -> line.startsWith(key + "="));
        return this;
    }

    String text() {
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    NodeFacts facts() {
        return NodeFacts.read(node, answers(text()), new Clocks.Offset(Duration.ZERO, Duration.ZERO));
    }

    static Answers answers(String text) {
        var values = new LinkedHashMap<String, List<String>>();
        Arrays.stream(text.split("\n")).filter(line -> line.contains("=")).forEach(line -> {
            String value = line.substring(line.indexOf('=') + 1);
            if (!value.isBlank()) {
                values.computeIfAbsent(line.substring(0, line.indexOf('=')), key -> new ArrayList<>())
                        .add(value.strip());
            }
        });
        return new Answers(values);
    }
}
