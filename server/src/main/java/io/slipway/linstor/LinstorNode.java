package io.slipway.linstor;

import io.slipway.inventory.Linstor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node as the controller knows it.
 *
 * @param name its name in LINSTOR
 * @param type {@code SATELLITE}, {@code COMBINED}, {@code CONTROLLER} or {@code AUXILIARY}
 * @param properties set on the node
 * @param interfaces its addresses
 * @param connection state of the connection to its satellite; the set of states is open, LINSTOR's own document does
 *     not name all of them
 * @param providers kinds of pools that its satellite can make
 * @param unsupportedProviders kinds that it cannot, each with the satellite's reasons
 * @param layers what a volume can be stacked from there
 * @param unsupportedLayers layers that are not there, each with the satellite's reasons
 */
public record LinstorNode(
        String name,
        String type,
        Map<String, String> properties,
        List<NetInterface> interfaces,
        String connection,
        Set<String> providers,
        Map<String, List<String>> unsupportedProviders,
        Set<String> layers,
        Map<String, List<String>> unsupportedLayers) {
    /** The property that names the interface which DRBD replicates over. */
    public static final String PREFERRED_INTERFACE = "PrefNic";

    private static final String ONLINE = "ONLINE";

    /**
     * @param name its name in LINSTOR
     * @param address an IP address
     */
    public record NetInterface(String name, String address) {}

    public LinstorNode {
        properties = Map.copyOf(properties);
        interfaces = List.copyOf(interfaces);
        providers = Set.copyOf(providers);
        unsupportedProviders = Map.copyOf(unsupportedProviders);
        layers = Set.copyOf(layers);
        unsupportedLayers = Map.copyOf(unsupportedLayers);
    }

    /** Whether the satellite is there and has everything that the controller knows; CONNECTED is not yet that. */
    public boolean online() {
        return connection.equals(ONLINE);
    }

    public boolean supports(Linstor.Provider provider) {
        return providers.contains(provider.name());
    }

    /** Why the satellite cannot make pools of a kind, in its words; empty where it can or does not say. */
    public List<String> reasonsAgainst(Linstor.Provider provider) {
        return unsupportedProviders.getOrDefault(provider.name(), List.of());
    }

    public @Nullable NetInterface findInterface(String wanted) {
        return interfaces.stream()
                .filter(each -> each.name().equals(wanted))
                .findFirst()
                .orElse(null);
    }
}
