package io.slipway.formation.preflight;

import io.slipway.formation.Finding;
import io.slipway.slackware.PackageFileName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What must be alike on all nodes. Each method judges what the nodes said, by name in the order of cluster.yaml. */
final class Sameness {
    /**
     * Packages whose programs talk to each other across nodes, or to the kernel, and what Slipway itself put there. A
     * newer editor on one node is nobody's business.
     */
    private static final Pattern STACK = Pattern.compile(
            "openvswitch|ovn|incus|lxc|lxcfs|cowsql|raft|dqlite|drbd.*|linstor.*"
                    + "|python3-linstor|qemu.*|zfs.*|openzfs.*|lvm2|thin-provisioning-tools|kernel-.*|slipway-overlay-.*");

    private static final int SHOWN = 12;

    private Sameness() {}

    static Finding kernel(Map<String, NodeFacts> facts) {
        Map<String, List<String>> found = nodesBy(facts, each -> each.system().kernel());
        return found.size() == 1
                ? Finding.done("kernel " + found.keySet().iterator().next())
                : Finding.wrong(
                        "one kernel on all nodes",
                        text(found),
                        "Bring the nodes to one kernel: restart those that were upgraded and run the old one still, or"
                                + " install from the same image (slipway node reinstall NODE). Modules and live migration"
                                + " rely on it.");
    }

    static Finding processor(Map<String, NodeFacts> facts) {
        Map<String, List<String>> models = nodesBy(facts, each -> each.system().cpu());
        String correction =
                "Instances cannot be moved live between unlike processors. If they need not be, or if you limit"
                        + " them to what all have in common, go on all the same; otherwise replace the odd one.";
        if (models.size() > 1) {
            return Finding.wrong("one processor model on all nodes", text(models), correction);
        }
        var common = new TreeSet<String>();
        var all = new TreeSet<String>();
        boolean first = true;
        for (NodeFacts each : facts.values()) {
            Set<String> flags = each.system().flags();
            all.addAll(flags);
            if (first) {
                common.addAll(flags);
                first = false;
            } else {
                common.retainAll(flags);
            }
        }
        all.removeAll(common);
        if (all.isEmpty()) {
            return Finding.done(models.keySet().iterator().next());
        }
        Map<String, List<String>> lacking = new LinkedHashMap<>();
        facts.forEach((node, each) -> {
            var missing = new TreeSet<>(all);
            missing.removeAll(each.system().flags());
            if (!missing.isEmpty()) {
                lacking.computeIfAbsent("no " + limited(missing), key -> new ArrayList<>())
                        .add(node);
            }
        });
        return Finding.wrong(
                "the same processor features on all nodes",
                text(lacking),
                correction + " A firmware setting or a newer microcode may be all that differs.");
    }

    static Finding packages(Map<String, NodeFacts> facts) {
        // package -> version -> nodes
        var versions = new TreeMap<String, Map<String, List<String>>>();
        facts.forEach((node, each) -> {
            var own = new TreeMap<String, TreeSet<String>>();
            for (String entry : each.system().packages()) {
                PackageFileName.find(entry + ".txz")
                        .filter(known -> STACK.matcher(known.name()).matches())
                        .ifPresent(known -> own.computeIfAbsent(known.name(), key -> new TreeSet<>())
                                .add(known.version() + "-" + known.build() + known.tag()));
            }
            own.forEach((name, all) -> versions.computeIfAbsent(name, key -> new LinkedHashMap<>())
                    .computeIfAbsent(String.join(" and ", all), key -> new ArrayList<>())
                    .add(node));
        });
        var differing = new ArrayList<String>();
        versions.forEach((name, found) -> {
            if (found.size() > 1) {
                differing.add(name + " " + text(found));
            }
        });
        var absent = new ArrayList<String>();
        facts.forEach((node, each) -> {
            if (!each.missing().isEmpty()) {
                absent.add("no " + String.join(", ", each.missing()) + " on " + node);
            }
        });
        if (differing.isEmpty() && absent.isEmpty()) {
            return Finding.done(versions.size() + " packages of the cluster's programs are alike");
        }
        differing.addAll(absent);
        return Finding.wrong(
                "the same versions of the cluster's programs on all nodes",
                String.join("; ", differing),
                absent.isEmpty()
                        ? "Upgrade the older ones with slackpkg or upgradepkg, or install them from the current image:"
                                + " slipway node reinstall NODE."
                        : "Put the packages into packages.local or choose their stacks in cluster.yaml, build the image and"
                                + " install the node again: slipway node reinstall NODE.");
    }

    private static Map<String, List<String>> nodesBy(Map<String, NodeFacts> facts, Function<NodeFacts, String> key) {
        var out = new LinkedHashMap<String, List<String>>();
        facts.forEach((node, each) ->
                out.computeIfAbsent(key.apply(each), none -> new ArrayList<>()).add(node));
        return out;
    }

    /** {@code "1 on node1, node2 and 2 on node3"}. */
    private static String text(Map<String, List<String>> nodesByValue) {
        var parts = new ArrayList<String>();
        nodesByValue.forEach((value, nodes) -> parts.add(value + " on " + String.join(", ", nodes)));
        return String.join(" and ", parts);
    }

    private static String limited(Collection<String> words) {
        List<String> all = List.copyOf(words);
        return all.size() <= SHOWN
                ? String.join(" ", all)
                : String.join(" ", all.subList(0, SHOWN)) + " and " + (all.size() - SHOWN) + " more";
    }
}
