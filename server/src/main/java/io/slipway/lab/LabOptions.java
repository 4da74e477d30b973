package io.slipway.lab;

import io.slipway.inventory.Serve;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lab is made of.
 *
 * @param clusterFile the user's {@code cluster.yaml}
 * @param tree a Slackware tree, or null for the stand-in
 * @param installation the directory with {@code server/}, {@code templates/} and {@code overlays/}
 * @param cache what outlives a lab: packages and trees
 * @param suite the Debian suite of the stand-in
 * @param firmware what the machines start with
 * @param nodes how many of the cluster's nodes get a machine
 * @param memoryMib memory of each machine in MiB
 * @param dhcp who gives addresses on the boot network: the lab's DHCP server (proxy) or the appliance (server)
 * @param lock sums of the sources of compiled packages
 * @param slipway the command that runs this program, without arguments
 */
public record LabOptions(
        Path clusterFile,
        @Nullable Path tree,
        Path installation,
        Path cache,
        String suite,
        Firmware firmware,
        int nodes,
        int memoryMib,
        Serve.DhcpMode dhcp,
        Path lock,
        List<String> slipway) {
    public LabOptions {
        slipway = List.copyOf(slipway);
    }
}
